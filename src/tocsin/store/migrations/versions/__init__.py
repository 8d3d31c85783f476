"""The steps; a file that has been released is never changed, a new shape is a new file."""
