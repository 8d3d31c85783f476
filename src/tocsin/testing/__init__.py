"""Conformance checks for parts of tocsin, for those who write parts outside it too."""
