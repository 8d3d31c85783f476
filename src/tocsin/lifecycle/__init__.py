"""What keeps an alarm good over the years: versions of artifacts, and how far the readings have drifted."""
