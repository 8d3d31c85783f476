"""From readings to an artifact: everything that fits, chooses or simulates; scoring needs none of it."""
