"""What an artifact is turned into for small machines, and the proof that it still says the same."""
