"""The threshold as it was asked for, as it was found, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tocsin.core.contracts import Limits


@dataclass(frozen=True)
class Calibration:
    """A fitted threshold with what stands behind it.

    Parameters
    ----------
    threshold
        As the user wrote it, such as "percentile:99.5".
    limits
        What was found.
    reference
        Whose scores it was found from: "calibration" (held-out normal readings), "training", "scored", or "stated".
    scores
        How many they were.
    said
        The evidence in plain sentences: what was promised, and what stands behind it.
    warnings
        What to know before trusting it.
    """

    threshold: str
    limits: Limits[Any]
    reference: str
    scores: int
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
