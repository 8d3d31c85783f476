"""The routes of the service: each file holds one ``router``, and is found by its name."""
