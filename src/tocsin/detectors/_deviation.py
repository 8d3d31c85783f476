"""The unit in which a channel's departures are told, also where the channel never moved."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows

_ROUNDING = 4 * float(np.finfo(np.float32).eps)
_CONSTANT = 1e-3


def usual_deviation(windows: Windows) -> FloatArray:
    """Return the standard deviation of each channel, ndarray of shape (channels,), above 0.

    A channel that never moved has a thousandth of its level, or 1 where that is 0: what scaling takes for it, too.

    >>> series = np.array([[0, 0, 7000], [2, 0, 7000]], np.float32)
    >>> usual_deviation(Windows(series, end=np.array([0, 1]), length=1)).tolist()
    [1.0, 1.0, 7.0]
    """
    rows = windows.rows().astype(np.float64)
    level, deviation = np.abs(rows.mean(axis=0)), rows.std(axis=0)
    still = np.where(level > 0, _CONSTANT * level, 1.0)
    unit: FloatArray = np.where(deviation > _ROUNDING * level, deviation, still)
    return np.maximum(unit, 1e-30)
