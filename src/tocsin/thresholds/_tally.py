"""How often a limit rings on normal readings, by asking the policy itself, and the lowest that rings no more often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.reference import Reference
from tocsin.thresholds._runs import least_of_run, peaks_of, ringing_of


@dataclass(frozen=True, eq=False)
class Tally:
    """Counts what rings on a reference, after so many anomalous windows in a row.

    An incident opens where the least of the last ``raise_after`` scores lies above the limit. A device that rings on
    and on opens few incidents, and is a nuisance all the same: it counts once more for each ``long`` that it rings.

    Parameters
    ----------
    reference
        One score at least.
    raise_after
        Anomalous windows in a row after which to ring.
    long
        So many ringing windows of a device count as an incident of their own.

    Examples
    --------
    >>> tally = Tally(Reference.of(np.repeat(np.array([0.0, 5, 0, 9, 0, 7, 0]), 10)), raise_after=3, long=15)
    >>> [tally.lowest_limit(allowed) for allowed in range(4)]
    [10.0, 8.0, 8.0, 6.0]
    >>> tally.counts(6.0)
    array([3])
    """

    reference: Reference
    raise_after: int
    long: float

    def counts(self, limit: float) -> IntArray:
        """Return how often each device rings: an ndarray of shape (devices,), in their order."""
        places = ringing_of(self.reference)(limit, self.raise_after)
        _, owner = np.unique(self.reference.device, return_inverse=True)
        devices = owner.max() + 1
        ringing = np.bincount(owner[self._least > limit], minlength=devices)
        return np.asarray(np.bincount(owner[places], minlength=devices) + (ringing / self.long).astype(np.int64))

    def lowest_limit(self, allowed: int) -> float:
        """Return the lowest limit, coming from above, at which it rings no more often than ``allowed``.

        The peaks of what must lie above a limit to ring are the limits worth trying. The limit lies midway between two
        of them, and half their distance above the highest where none may lie above it.
        """
        peaks = self.peaks

        def fits(place: int) -> bool:
            return int(self.counts(_between(peaks, place)).sum()) <= allowed

        return _between(peaks, _furthest(fits, start=min(allowed, len(peaks) - 1), stop=len(peaks)))

    @cached_property
    def peaks(self) -> FloatArray:
        """The limits worth trying, highest first."""
        return peaks_of(self._least)

    @cached_property
    def _least(self) -> FloatArray:
        return least_of_run(self.reference, self.raise_after)


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
