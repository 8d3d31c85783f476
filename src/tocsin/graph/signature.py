"""The one signature all graphs share: the names of what goes in and what comes out."""

from __future__ import annotations

INPUT = "window"
"""float32 of shape (n, window, channels)."""

SCORE = "score"
"""float32 of shape (n,); higher is stranger."""

BY_CHANNEL = "by_channel"
"""float32 of shape (n, channels), summing to the score. Absent where a graph cannot tell."""

EXPECTED = "expected"
"""float32 of shape (n, channels): what was expected of the window's last reading. Absent where nothing is."""

BATCH = "n"
"""Name of the axis that may have any length."""
