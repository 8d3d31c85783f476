"""Long work, such as training: in processes of its own, with progress, and it can be ended."""
