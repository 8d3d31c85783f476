"""Rules that turn scores of normal readings into limits."""
