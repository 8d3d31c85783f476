"""Why a score is high: each channel's share of it."""
