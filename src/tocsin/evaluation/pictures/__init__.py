"""Pictures that are drawn with matplotlib, in one look."""
