"""Scores between 0 and 1, for those whose programs expect such: the limit lies at one half, whatever the detector."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray

_HALF = 0.5


def strangeness(score: npt.ArrayLike, limit: npt.ArrayLike) -> FloatArray:
    """Return how strange readings are, from 0 to 1: above one half exactly where the score is above its limit.

    It grows with the score: ``s / (1 + s)``, where ``s`` is score / limit, the severity. Where a limit is zero or
    below, the distance from it takes the place of the ratio: ``(1 + d / (1 + abs(d))) / 2``.

    Parameters
    ----------
    score, limit
        Arrays of one shape, float; NaN where there is no score.

    Returns
    -------
    ndarray of that shape, float64
        NaN where score or limit is.

    Examples
    --------
    >>> strangeness([0.0, 0.5, 2.0, 6.0], [2.0, 2.0, 2.0, 2.0]).tolist()
    [0.0, 0.2, 0.5, 0.75]
    """
    scores, limits = np.asarray(score, np.float64), np.asarray(limit, np.float64)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        ratio, distance = np.maximum(scores / limits, 0.0), scores - limits
        by_ratio = np.where(np.isinf(ratio), 1.0, ratio / (1.0 + ratio))
        by_distance = _HALF * (1.0 + distance / (1.0 + np.abs(distance)))
        found = np.where(limits > 0, by_ratio, by_distance)
        above = scores > limits
    kept = np.where(above, np.maximum(found, np.nextafter(_HALF, 1.0)), np.minimum(found, _HALF))
    return np.where(np.isnan(scores) | np.isnan(limits), np.nan, kept)


def excess(score: npt.ArrayLike, limit: npt.ArrayLike) -> FloatArray:
    """Return by how much scores exceed their limits, from 0 to 1: above 0 exactly where the score is above the limit.

    Twice what :func:`strangeness` exceeds one half by: ``(s - 1) / (s + 1)``, where ``s`` is the severity.

    >>> excess([0.5, 2.0, 6.0], [2.0, 2.0, 2.0]).tolist()
    [0.0, 0.0, 0.5]
    """
    return np.maximum(2.0 * strangeness(score, limit) - 1.0, 0.0)
