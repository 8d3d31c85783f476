"""What must happen to readings before they enter a window: aligning them in time, and bridging what is missing."""
