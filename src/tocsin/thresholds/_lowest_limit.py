"""The lowest limit at which no more than so many incidents open, by asking the policy itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.reference import Reference, Ringing

_NEAR = 8
"""Windows within which a lower peak belongs to a higher one: no incident closes and opens again so soon, usually."""


def lowest_limit(reference: Reference, *, allowed: int, raise_after: int) -> float:
    """Return the lowest limit, coming from above, at which the policy opens no more than ``allowed`` incidents.

    An incident opens where the least of the last ``raise_after`` scores lies above the limit, so that the peaks of
    those least scores are the limits worth trying. A limit lies midway between two of them, and as far above the
    highest where there is none above it.

    Parameters
    ----------
    reference
        One score at least.
    allowed
        Incidents, 0 or more.
    raise_after
        Anomalous windows in a row after which to ring.
    """
    ring = reference.ringing or plain_ringing(reference)
    peaks = peaks_of(least_of_run(reference, raise_after))

    def fits(place: int) -> bool:
        return len(ring(_between(peaks, place), raise_after)) <= allowed

    return _between(peaks, _furthest(fits, start=min(allowed, len(peaks) - 1), stop=len(peaks)))


def plain_ringing(reference: Reference) -> Ringing:
    """Return what rings where there is no policy yet: every run of scores above the limit that is long enough."""

    def ring(limit: float, raise_after: int) -> IntArray:
        above = least_of_run(reference, raise_after) > limit
        before = np.append(False, above[:-1]) & ~_apart(reference)
        return np.flatnonzero(above & ~before)

    return ring


def least_of_run(reference: Reference, raise_after: int) -> FloatArray:
    """Return the least of each device's last ``raise_after`` scores, shape (n,); -inf where there are not so many.

    >>> least_of_run(Reference.of(np.array([1.0, 3.0, 2.0, 5.0])), 2).tolist()
    [-inf, 1.0, 2.0, 2.0]
    """
    least, apart = reference.score.copy(), _apart(reference)
    before = least
    for _ in range(raise_after - 1):
        before = np.where(apart, -np.inf, np.append(-np.inf, before[:-1]))
        least = np.minimum(least, before)
    return least


def _apart(reference: Reference) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return where another device begins."""
    return np.append(True, np.diff(reference.device) != 0)


def peaks_of(least: FloatArray) -> FloatArray:
    """Return the peaks that stand out from their neighbourhood, highest first; the highest is always among them."""
    padded = np.concatenate([np.full(_NEAR, -np.inf), least, np.full(_NEAR, -np.inf)])
    around = least
    for shift in range(2 * _NEAR + 1):
        around = np.maximum(around, padded[shift : shift + len(least)])
    found = np.unique(least[(least == around) & np.isfinite(least)])[::-1]
    return found if len(found) else np.array([0.0])


def _between(peaks: FloatArray, place: int) -> float:
    """Return the limit that lies above the peak at ``place`` and below the one before it."""
    if place:
        return float((peaks[place - 1] + peaks[place]) / 2)
    return float(peaks[0] + (peaks[0] - peaks[1]) / 2) if len(peaks) > 1 else float(peaks[0])


def _furthest(fits: Callable[[int], bool], *, start: int, stop: int) -> int:
    """Return the last place below ``stop`` up to which something fits, looked for around ``start``; 0 if none does."""
    if fits(start):
        low, step = start, 1
        while low + step < stop and fits(low + step):
            low, step = low + step, 2 * step
        high = min(low + step, stop)
    else:
        high, step = start, 1
        while high - step > 0 and not fits(high - step):
            high, step = high - step, 2 * step
        low = max(high - step, 0)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
