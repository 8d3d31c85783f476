"""When the readings of a table arrived: it does not say, so when they were taken, as long as that can be."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import IntArray

_DAY_NS = 86_400 * 10**9


def heard(stamps: IntArray, now: int) -> IntArray:
    """Return when readings of a table arrived: a table does not say, so when they were taken, but not after today.

    >>> heard(np.array([5, 10**18]), 7).tolist()
    [5, 7]
    """
    return np.where(stamps <= now + _DAY_NS, stamps, now)
