"""HTML pages that people open: the report of a scored table, and that of a judgement; each is one file, complete."""
