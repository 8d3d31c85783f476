"""Scores less their moving mean, so that a slow drift of what is normal neither rings nor hides what should."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.reference import Reference


def gain(over: int) -> float:
    """Return the share of a new score in an exponential mean of the mean age of a plain one over so many scores.

    >>> gain(0), gain(1), gain(99)
    (0.0, 1.0, 0.02)
    """
    return 2 / (over + 1) if over else 0.0


def above_mean(reference: Reference, *, over: int, limit: float) -> tuple[FloatArray, float]:
    """Return how far scores lie above the mean of those before, device after device, and where the means end.

    Parameters
    ----------
    reference
        The scores. Of each device, the first ones give the mean to begin with, and are not returned.
    over
        Scores in the mean; 0 for none, which returns the scores and 0.
    limit
        Scores that lie farther above the mean do not enter it.
    """
    if not over:
        return reference.score, 0.0
    off = [_off(reference.score[reference.device == k], over, limit) for k in np.unique(reference.device)]
    return np.concatenate([above for above, _ in off]), float(np.mean([mean for _, mean in off]))


def _off(scores: FloatArray, over: int, limit: float) -> tuple[FloatArray, float]:
    first, share = min(over, len(scores) // 2), gain(over)
    mean, out = float(scores[: max(first, 1)].mean()), []
    for score in scores[first:].tolist():
        above = score - mean
        out.append(above)
        if above <= limit:
            mean += share * above
    return np.array(out), mean
