"""The page "Live": the fleet as it is now, one device as it moves, and incidents that people answer."""
