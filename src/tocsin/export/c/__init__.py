"""The C target: a graph as loops in one C99 file that allocates nothing and needs no library but the standard one's."""
