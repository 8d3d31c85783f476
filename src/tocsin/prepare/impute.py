"""Bridging short silences: a channel without news keeps its last value for a stated time, then counts as missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.state import Stateful
from tocsin.prepare._bins import Bins


@dataclass(frozen=True, eq=False)
class _Held:
    """The last known value of each channel, and when it was known; devices on axis 0."""

    value: FloatArray
    since: IntArray


@dataclass(frozen=True)
class Impute(Stateful[_Held, Bins, FloatArray]):
    """Holds the last value of a silent channel, for ``hold_ns`` at most.

    Causal: what comes later never changes what is said now. Calibration and validation use it as scoring does; only
    inside the training part are gaps of the same length drawn straight instead (see :meth:`between`).

    Parameters
    ----------
    channels
        Number of channels.
    hold_ns
        How long a value is kept, in ns. Longer silences come out as NaN, and lead to the status ``gap``.
    """

    channels: int
    hold_ns: int

    def init(self, devices: int) -> _Held:
        """Return the state of devices that have said nothing yet."""
        shape = (devices, self.channels)
        return _Held(np.full(shape, np.nan), np.full(shape, NEVER))

    def step(self, state: _Held, x: Bins) -> tuple[_Held, FloatArray]:
        """Take one bin of every device; return the values with short silences bridged."""
        known = ~np.isnan(x.values)
        value = np.where(known, x.values, state.value)
        since = np.where(known, x.end[:, None], np.where(x.fresh[:, None], NEVER, state.since))
        return _Held(value, since), self._young(value, since, x.end[:, None])

    def scan(self, state: _Held, block: Bins, valid: BoolArray) -> tuple[_Held, FloatArray]:
        """Take a block of bins of every device at once."""
        values = np.concatenate([state.value[:, None], block.values], axis=1)
        times = np.concatenate([np.full((len(valid), 1), NEVER), block.end], axis=1)
        place = np.arange(values.shape[1])[None, :, None]
        news = ~np.isnan(values)
        news[:, 0] = True
        last = np.maximum.accumulate(np.where(news & self._valid(valid), place, 0), axis=1)
        anew = np.maximum.accumulate(np.where(block.fresh & valid, place[:, 1:, 0], 0), axis=1)
        value = np.take_along_axis(values, last, axis=1)
        since = np.where(last == 0, state.since[:, None], np.take_along_axis(times[:, :, None], last, axis=1))
        since[:, 1:][last[:, 1:] < anew[:, :, None]] = NEVER
        after = _Held(value[:, -1].copy(), since[:, -1].copy())
        return after, self._young(value[:, 1:], since[:, 1:], block.end[:, :, None])

    def between(self, bins: Bins) -> FloatArray:
        """Return the values of one device's training part, shape (n, channels), with short gaps drawn straight.

        Looks ahead, so it is for training only, and must be given the training part alone.
        """
        out = bins.values.copy()
        part = np.cumsum(bins.fresh)
        for k in range(self.channels):
            known = np.flatnonzero(~np.isnan(out[:, k]))
            if len(known) < 2:
                continue
            at = np.interp(bins.end, bins.end[known], out[known, k])
            before = known[np.maximum(np.searchsorted(known, np.arange(len(out)), side="right") - 1, 0)]
            after = known[np.minimum(np.searchsorted(known, np.arange(len(out))), len(known) - 1)]
            near = (bins.end - bins.end[before] <= self.hold_ns) & (bins.end[after] - bins.end <= self.hold_ns)
            out[:, k] = np.where(near & (part[after] == part[before]) & (before <= after), at, out[:, k])
        return out

    def _young(self, value: FloatArray, since: IntArray, now: IntArray) -> FloatArray:
        return np.where((since != NEVER) & (now - np.where(since == NEVER, now, since) <= self.hold_ns), value, np.nan)

    @staticmethod
    def _valid(valid: BoolArray) -> BoolArray:
        return np.concatenate([np.ones((len(valid), 1), np.bool_), valid], axis=1)[:, :, None]
