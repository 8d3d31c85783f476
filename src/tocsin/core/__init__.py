"""The nouns of tocsin, in NumPy alone: what readings, windows, scores, verdicts and incidents are."""
