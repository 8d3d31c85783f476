"""Runs of scores in a row, as an alarm policy waits for them."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.reference import Reference, Ringing

_PAUSE = 1.5
"""Periods between two scores of a device from which on one no longer follows the other."""

_NEAR = 8
"""Windows within which a lower peak belongs to a higher one: no incident closes and opens again so soon, usually."""


def apart(reference: Reference) -> BoolArray:
    """Return which scores do not follow the one before: of another device, or behind a pause.

    >>> time, device = np.array([1, 2, 3, 7, 8, 1, 2]), np.array([0, 0, 0, 0, 0, 1, 1])
    >>> apart(Reference(np.zeros(7), time, device)).astype(int).tolist()
    [1, 0, 0, 1, 0, 1, 0]
    """
    other, steps = np.diff(reference.device) != 0, np.diff(reference.time)
    usual = float(np.median(steps[~other])) if (~other).any() else 0.0
    return np.append(True, other | (steps > _PAUSE * max(reference.period_ns, usual)))


def least_of_run(reference: Reference, raise_after: int) -> FloatArray:
    """Return the least of the last ``raise_after`` scores in a row, shape (n,); -inf where there are not so many.

    >>> least_of_run(Reference.of(np.array([1.0, 3.0, 2.0, 5.0])), 2).tolist()
    [-inf, 1.0, 2.0, 2.0]
    """
    before = least = np.asarray(reference.score)
    first = apart(reference)
    for _ in range(raise_after - 1):
        before = np.where(first, -np.inf, np.append(-np.inf, before[:-1]))
        least = np.minimum(least, before)
    return least


def peaks_of(least: FloatArray) -> FloatArray:
    """Return the values that stand out from their neighbourhood, highest first: the limits worth trying.

    >>> peaks_of(np.array([0.0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0])).tolist()
    [3.0, 2.0]
    """
    padded = np.concatenate([np.full(_NEAR, -np.inf), least, np.full(_NEAR, -np.inf)])
    around = least
    for shift in range(2 * _NEAR + 1):
        around = np.maximum(around, padded[shift : shift + len(least)])
    found = np.unique(least[(least == around) & np.isfinite(least)])[::-1]
    return found if len(found) else np.zeros(1)


def ringing_of(reference: Reference) -> Ringing:
    """Return what the policy would make of other limits; where there is no policy yet, every long enough run rings."""

    def ring(limit: float, raise_after: int) -> IntArray:
        above = least_of_run(reference, raise_after) > limit
        return np.flatnonzero(above & ~(np.append(False, above[:-1]) & ~apart(reference)))

    return reference.ringing or ring
