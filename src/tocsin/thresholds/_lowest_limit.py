"""The lowest limit at which no more than so many incidents open, by asking the policy itself."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.core.arrays import FloatArray
from tocsin.core.reference import Reference
from tocsin.thresholds._runs import least_of_run, peaks_of, ringing_of


def lowest_limit(reference: Reference, *, allowed: int, raise_after: int) -> float:
    """Return the lowest limit, coming from above, at which the policy opens no more than ``allowed`` incidents.

    An incident opens where the least of the last ``raise_after`` scores lies above the limit, so that the peaks of
    those least scores are the limits worth trying. A limit lies midway between two of them, and half their distance
    above the highest where none may lie above it.

    Parameters
    ----------
    reference
        One score at least.
    allowed
        Incidents, 0 or more.
    raise_after
        Anomalous windows in a row after which to ring.

    Examples
    --------
    >>> import numpy as np
    >>> reference = Reference.of(np.repeat(np.array([0.0, 5, 0, 9, 0, 7, 0]), 10))
    >>> [lowest_limit(reference, allowed=number, raise_after=3) for number in range(3)]
    [10.0, 8.0, 6.0]
    """
    ring = ringing_of(reference)
    peaks = peaks_of(least_of_run(reference, raise_after))

    def fits(place: int) -> bool:
        return len(ring(_between(peaks, place), raise_after)) <= allowed

    return _between(peaks, _furthest(fits, start=min(allowed, len(peaks) - 1), stop=len(peaks)))


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
