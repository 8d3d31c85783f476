"""Tuning: settings chosen on blocks of time that they have not learned from, and judged once on later readings."""
