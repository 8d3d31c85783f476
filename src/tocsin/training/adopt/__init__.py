"""Someone else's graph becomes an artifact: looked through, rewritten where that is exact, calibrated, sealed."""
