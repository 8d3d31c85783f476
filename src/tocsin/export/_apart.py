"""How far two scores of the same window are apart, also where one of them is no number."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray


def apart(own: npt.ArrayLike, other: npt.ArrayLike, *, scale: FloatArray) -> FloatArray:
    """Return the differences as shares of ``scale``; infinite where only one of the two is a number.

    Two that are both infinite, or both no number, do not differ.

    >>> nan, inf = np.nan, np.inf
    >>> apart([1, nan, inf, 1, inf, 0], [1.5, nan, inf, nan, 9, 0], scale=np.array([2, 2, 2, 2, 2, 0])).tolist()
    [0.25, 0.0, 0.0, inf, inf, 0.0]
    """
    mine, theirs = np.asarray(own, np.float64), np.asarray(other, np.float64)
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    both = np.isfinite(mine) & np.isfinite(theirs)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.abs(theirs - mine) / scale
    return np.where(same, 0.0, np.where(both, share, np.inf))
