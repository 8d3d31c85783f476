"""The page "Artifacts": which there are, which is in force, how they do, and putting another in force."""
