"""What a student's network may be: one file each, found by name."""
