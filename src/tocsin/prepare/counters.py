"""Counters: what tells of a counter is how fast it rises, which must be found before float32 loses its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.kinds import Kind
from tocsin.core.state import Stateful
from tocsin.prepare._bins import Bins


@dataclass(frozen=True, eq=False)
class _Counted:
    """The last known value of each counter, and when it was known; devices on axis 0."""

    value: FloatArray
    since: IntArray


@dataclass(frozen=True)
class Counters(Stateful[_Counted, Bins, Bins]):
    """Replaces each counter by its rate: how much it has risen per period since it was last heard of.

    Differences are taken in float64: a kWh counter at 2e7 has lost its steps in float32. Over a silence the rate is the
    mean one, so that the sum stays right. A counter that falls has been reset: that is no news, and neither is its
    first value, nor the first behind a pause after which all memory of the device is dropped.

    Parameters
    ----------
    which
        Places of the counters among the channels.
    period_ns
        The cadence in ns.

    Examples
    --------
    >>> counters = Counters((0,), period_ns=10)
    >>> state = counters.init(1)
    >>> rates = []
    >>> for end, value in [(10, 7.0), (20, 9.0), (40, 19.0), (50, 2.0), (60, 3.0)]:
    ...     bins = Bins(np.array([end]), np.array([[value]]), np.array([False]), np.array([False]))
    ...     state, out = counters.step(state, bins)
    ...     rates.append(float(out.values[0, 0]))
    >>> rates
    [nan, 2.0, 5.0, nan, 1.0]
    """

    which: tuple[int, ...]
    period_ns: int

    @classmethod
    def of(cls, kinds: Sequence[Kind], *, period_ns: int) -> Counters:
        """Return the step for channels of these kinds; none at all counts as no counter."""
        return cls(tuple(k for k, kind in enumerate(kinds) if kind == "counter"), period_ns)

    def init(self, devices: int) -> _Counted:
        """Return the state of devices that have said nothing yet."""
        shape = (devices, len(self.which))
        return _Counted(np.full(shape, np.nan), np.full(shape, NEVER))

    def step(self, state: _Counted, x: Bins) -> tuple[_Counted, Bins]:
        """Take one bin of every device; return it with rates."""
        if not self.which:
            return state, x
        now, end = x.values[:, self.which], x.end[:, None]
        last = np.where(x.fresh[:, None], np.nan, state.value)
        news = ~np.isnan(now)
        after = _Counted(np.where(news, now, last), np.where(news, end, state.since))
        return after, self._with(x, self._rate(now, last, end, state.since))

    def scan(self, state: _Counted, block: Bins, valid: BoolArray) -> tuple[_Counted, Bins]:
        """Take a block of bins of every device at once."""
        if not self.which:
            return state, block
        now = block.values[:, :, self.which]
        values = np.concatenate([state.value[:, None], now], axis=1)
        ends = np.broadcast_to(block.end[:, :, None], now.shape)
        times = np.concatenate([state.since[:, None], ends], axis=1)
        place = np.arange(values.shape[1])[None, :, None]
        news = np.concatenate([np.ones_like(values[:, :1], np.bool_), ~np.isnan(now) & valid[:, :, None]], axis=1)
        latest = np.maximum.accumulate(np.where(news, place, 0), axis=1)
        anew = np.maximum.accumulate(np.where((block.fresh & valid)[:, :, None], place[:, 1:], 0), axis=1)
        value, since = (np.take_along_axis(array, latest, axis=1) for array in (values, times))
        last = np.where(latest[:, :-1] < anew, np.nan, value[:, :-1])
        after = np.where(latest[:, -1] < anew[:, -1], np.nan, value[:, -1])
        out = self._with(block, self._rate(now, last, ends, since[:, :-1]))
        return _Counted(after, since[:, -1].copy()), out

    def _rate(self, now: FloatArray, last: FloatArray, end: IntArray, since: IntArray) -> FloatArray:
        elapsed = end - np.where(np.isnan(last), end, since)
        periods = np.maximum((elapsed + self.period_ns // 2) // self.period_ns, 1)
        rate: FloatArray = np.where(now < last, np.nan, (now - last) / periods)
        return rate

    def _with(self, bins: Bins, rate: FloatArray) -> Bins:
        values = bins.values.copy()
        values[..., self.which] = rate
        return replace(bins, values=values)
