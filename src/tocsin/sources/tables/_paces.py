"""How often each channel speaks, whatever the others do: sensors of one table have rates of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray

_ENOUGH = 10  # steps of its own before a channel can be said to keep a rate of its own
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Paces:
    """How often each channel speaks.

    Parameters
    ----------
    period_ns
        ndarray of shape (channels,), int64, ns: the median step between a channel's own values of one device, or
        between all readings where it has too few; 0 where no time follows another.
    lost
        ndarray of shape (channels,), float64: the share of the readings in which the channel says nothing.
    hollow
        ndarray of shape (channels,), bool: is the channel mostly silent? It says nothing in more than half of the
        readings, and does not report at a slower rate of its own either.
    """

    period_ns: IntArray
    lost: FloatArray
    hollow: BoolArray

    def told(self) -> IntArray:
        """Return ndarray of shape (m,), int64, ns: the periods of the channels that are not mostly silent."""
        return self.period_ns[~self.hollow & (self.period_ns > 0)]

    def kept(self) -> Paces:
        """Return the paces of the channels that are not mostly silent."""
        kept = ~self.hollow
        return Paces(self.period_ns[kept], self.lost[kept], self.hollow[kept])


def paces_of(wide: FloatArray, *, time: IntArray, order: IntArray | None, starts: BoolArray) -> Paces:
    """Return how often each channel speaks.

    Parameters
    ----------
    wide
        ndarray of shape (channels, readings), float64, NaN where missing.
    time
        ndarray of shape (readings,), int64, ns.
    order
        ndarray of shape (readings,), int64: order by device and time, or None where it is the table's.
    starts
        ndarray of shape (readings,), bool: in that order, does another device begin here?
    """
    when = time if order is None else time[order]
    group = np.cumsum(starts, dtype=np.int64)
    every = _steps(when, group)
    usual = _median(every)
    period, lost = np.full(len(wide), usual), np.zeros(len(wide))
    hollow = np.zeros(len(wide), np.bool_)
    for k, values in enumerate(wide):
        known = ~np.isnan(values)
        if known.all():
            continue
        known = known if order is None else known[order]
        own = _steps(when[known], group[known])
        lost[k] = 1 - known.mean()
        if len(own) >= _ENOUGH:
            period[k] = _median(own)
        hollow[k] = lost[k] > _HALF and not _keeps(int(period[k]), own, every)
    return Paces(period, lost, hollow)


def _keeps(period: int, own: IntArray, every: IntArray) -> bool:
    """Tell whether most steps of a channel are near its period, and cover most of the time in which others speak."""
    if len(own) < _ENOUGH:
        return False
    steady = np.mean(2 * np.abs(own - period) < period)
    covered = np.minimum(own, period).sum() / np.minimum(every, period).sum()
    return bool(steady > _HALF and covered > _HALF)


def _steps(time: IntArray, group: IntArray) -> IntArray:
    """Return the positive steps between successive times of one group; unreadable times, all alike, come first."""
    same = (group[1:] == group[:-1]) & (time[1:] > time[:-1]) & (time[:-1] != NEVER)
    return np.asarray((time[1:] - time[:-1])[same])


def _median(steps: IntArray) -> int:
    return int(np.median(steps)) if len(steps) else 0
