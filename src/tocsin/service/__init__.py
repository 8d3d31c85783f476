"""What a running watch shows to other machines: its metrics and its health."""
