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


def bursts(reference: Reference, places: IntArray) -> tuple[float, float]:
    """Return how many incidents come at a time, on any device and on one: 1 as far as they come independently.

    It is the variance of the number of incidents a day, divided by its mean (Cox and Lewis 1966, "The Statistical
    Analysis of Series of Events", 4.5); or of the number in 2, 4, 8 days and so on while there are ten such stretches,
    whichever is greatest, because weather lasts. What chance alone might make of it does not count: up to the 99.5th
    percentile of χ²/ν, by Wilson and Hilferty's formula.

    Parameters
    ----------
    places
        ndarray of shape (incidents,), int64: where they begin.

    Examples
    --------
    Ten devices that always ring together, and each of them once at a time.

    >>> time, device = np.tile(np.arange(2000), 10), np.repeat(np.arange(10), 2000)
    >>> fleet = Reference(np.zeros(20_000), time, device, row_clock=True)
    >>> together = np.flatnonzero(np.isin(time, np.random.default_rng(0).integers(0, 2000, 30)))
    >>> [round(number) for number in bursts(fleet, together)]
    [12, 1]
    """
    if len(places) < 2:
        return 1.0, 1.0
    start, length = int(reference.time.min()), int(np.ptp(reference.time)) + 1
    stretches = _MOST if reference.row_clock else max(round(days(length / reference.period_ns, reference)), _LEAST)
    since = (reference.time[places] - start) / length
    owners, owner = np.unique(reference.device, return_inverse=True)
    whole, own = 1.0, 1.0
    while stretches >= _FEWEST:
        cell = np.minimum((since * stretches).astype(np.int64), stretches - 1)
        counts = np.bincount(cell + owner[places] * stretches, minlength=len(owners) * stretches).reshape(-1, stretches)
        whole, own = max(whole, _spread(counts.sum(axis=0, keepdims=True))), max(own, _spread(counts))
        stretches //= 2
    return max(whole, own), own


def _spread(counts: IntArray) -> float:
    """Return variance by mean of counts of shape (series, stretches), each about its own mean; 1 if by chance."""
    series, stretches = counts.shape
    spread = float(counts.var(axis=1).mean() * stretches / (stretches - 1) / counts.mean())
    return spread if spread > _chance(series * (stretches - 1)) else 1.0


def _chance(freedom: int) -> float:
    part = 2 / (9 * freedom)
    return (1 - part + _SURE * math.sqrt(part)) ** 3
