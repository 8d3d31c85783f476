"""The dashboard: pages for people who will never write code. A client of the service, and of nothing else."""
