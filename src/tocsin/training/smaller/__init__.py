"""Making an artifact smaller: a student that learns from it, or the same network with less in it."""
