"""Files that people look at: read, corrected, scored, asked what if, and given back."""
