"""Limits beside a score, none on it, so that rounding cannot flip a verdict."""

from __future__ import annotations

from tocsin.core.arrays import FloatArray


def just_above(score: float) -> float:
    """Return a limit a little above a score.

    >>> just_above(2.0), just_above(0.0) > 0
    (2.000002, True)
    """
    return score + max(abs(score), 1e-6) * 1e-6


def midway(ordered: FloatArray, place: int) -> float:
    """Return the middle between the score at that place of an ascending order and the next, if there is one.

    >>> import numpy as np
    >>> midway(np.array([1.0, 2.0, 4.0]), 1), midway(np.array([1.0, 2.0, 4.0]), 2)
    (3.0, 4.0)
    """
    return float((ordered[place] + ordered[min(place + 1, len(ordered) - 1)]) / 2)
