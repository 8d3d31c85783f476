"""A running watch: from a source's readings to verdicts, incidents and letters, with nothing lost on the way."""
