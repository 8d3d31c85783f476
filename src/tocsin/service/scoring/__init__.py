"""Scoring over HTTP: a few readings as JSON, answered within milliseconds, and whole files."""
