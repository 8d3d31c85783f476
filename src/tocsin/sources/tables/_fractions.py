"""Times as numbers with a fraction, read by arithmetic alone: messages bring them where there is no Polars."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import NEVER, FloatArray, IntArray

_LAST_EXACT = 2**53


def from_fractions(amount: FloatArray, unit_ns: int) -> IntArray:
    """Return times in ns: exact while a double holds nanoseconds, beyond that to the microsecond; NEVER if too large.

    >>> from_fractions(np.array([1.5, np.nan, 1e300]), 10**9).tolist()[:1]
    [1500000000]
    """
    with np.errstate(invalid="ignore", over="ignore"):
        ns = amount * unit_ns
        usable = np.isfinite(ns) & (np.abs(ns) < 2.0**63 - 2**11)
    ns = np.where(usable, ns, 0.0)
    exact = np.abs(ns) < _LAST_EXACT
    fine = np.rint(np.where(exact, ns, 0.0)).astype(np.int64)
    us = np.rint(np.where(usable, amount, 0.0) * (unit_ns / 1000)).astype(np.int64) * 1000
    return np.where(usable, np.where(exact, fine, us), NEVER)
