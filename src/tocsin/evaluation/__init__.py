"""Judging scores and showing them: metrics, looks at raw readings, and the report people open. Fits nothing."""
