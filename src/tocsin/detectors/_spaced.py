"""Bounding how much is learned from: windows overlap, so an evenly spaced part of very many says nearly the same."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import IntArray


def spaced(rows: int, most: int) -> IntArray:
    """Return at most ``most`` evenly spaced indices of ``rows``, ascending; all of them where they are few enough.

    >>> spaced(10, 4).tolist()
    [0, 3, 6, 9]
    >>> spaced(3, 4).tolist()
    [0, 1, 2]
    """
    if rows <= most:
        return np.arange(rows)
    return np.linspace(0, rows - 1, most).round().astype(np.int64)
