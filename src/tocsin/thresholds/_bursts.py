"""How many false alarms come at a time: on a bad day, or on many devices of one fleet, they keep each other company."""

from __future__ import annotations

import math

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.reference import Reference
from tocsin.thresholds._promise import days

_MOST, _LEAST, _FEWEST = 50, 15, 10
"""Stretches of time that are compared: where rows are counted, where few days were watched, and at least."""

_SURE = 2.576
"""Standard deviations above which only one chance spread in two hundred lies."""


def bursts(reference: Reference, places: IntArray) -> float:
    """Return how many incidents come at a time: 1 where they come independently, as far as can be told.

    It is the variance of the whole fleet's number of incidents a day, divided by its mean (Cox and Lewis 1966, "The
    Statistical Analysis of Series of Events", 4.5); or of its number in 2, 4, 8 days and so on while there are ten such
    stretches, whichever is greatest, because weather lasts. What chance alone might make of it does not count: up to
    the 99.5th percentile of χ²/ν, by Wilson and Hilferty's formula.

    Parameters
    ----------
    places
        ndarray of shape (incidents,), int64: where they begin.

    Examples
    --------
    Ten devices that always ring together.

    >>> time, device = np.tile(np.arange(2000), 10), np.repeat(np.arange(10), 2000)
    >>> fleet = Reference(np.zeros(20_000), time, device, row_clock=True)
    >>> together = np.flatnonzero(np.isin(time, np.random.default_rng(0).integers(0, 2000, 30)))
    >>> round(bursts(fleet, together)), bursts(fleet, together[:30])
    (12, 1.0)
    """
    if len(places) < 2:
        return 1.0
    start, length = int(reference.time.min()), int(np.ptp(reference.time)) + 1
    stretches = _MOST if reference.row_clock else max(round(days(length / reference.period_ns, reference)), _LEAST)
    found = [1.0]
    while stretches >= _FEWEST:
        counts = np.bincount((reference.time[places] - start) * stretches // length, minlength=stretches)
        spread = float(counts.var(ddof=1) / counts.mean())
        found.append(spread if spread > _chance(stretches - 1) else 1.0)
        stretches //= 2
    return max(found)


def _chance(freedom: int) -> float:
    part = 2 / (9 * freedom)
    return (1 - part + _SURE * math.sqrt(part)) ** 3
