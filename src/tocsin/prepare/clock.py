"""The clock: puts readings of sensors with rates of their own on one grid, and turns away what comes late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.prepare._bins import Bins


@dataclass(frozen=True, eq=False)
class _Dial:
    """How far each device's time has come, and its bins that are still open; devices on axis 0."""

    greatest: IntArray
    closed: IntArray
    open_end: IntArray
    open_time: IntArray
    open_value: FloatArray


@dataclass(frozen=True, eq=False)
class Ticked:
    """What the clock made of a block of readings.

    Parameters
    ----------
    device, row
        ndarrays of shape (m,), int64: the device's place in the block of each bin, and the reading's place in time
        (-1 where a bin is not one reading).
    bins
        m bins, device after device, in order of time.
    late, invalid
        ndarrays of shape (devices, time), bool: readings that were turned away.
    """

    device: IntArray
    row: IntArray
    bins: Bins
    late: BoolArray
    invalid: BoolArray


@dataclass(frozen=True)
class Clock:
    """Gathers readings into bins of ``period_ns``, or, with ``align`` off, takes each reading as its own bin.

    A bin covers (end − period, end] and is aligned to the UTC epoch. Each device has its own watermark, the greatest
    time it has sent less the lateness. A bin closes once its end is at or below the watermark; a reading for a closed
    bin is late. Within a bin the greatest time wins for each channel, on a tie the last to arrive.

    Without alignment a reading is late if its time is not after the last one's.

    Parameters
    ----------
    channels
        Number of channels.
    period_ns
        The cadence in ns; 1 where rows are counted because there is no clock.
    align
        Are readings gathered on a grid? Not needed where the cadence is one grid already.
    lateness_ns
        How long a bin is kept open for stragglers, in ns; with ``align`` only.
    hold
        Empty bins that are bridged.
    restart
        Empty bins after which all memory of the device is dropped: hold + window.
    ahead_ns
        A time further than this ahead of the reading's arrival is invalid, in ns.
    """

    channels: int
    period_ns: int
    align: bool = False
    lateness_ns: int = 0
    hold: int = 3
    restart: int = 13
    ahead_ns: int = 86_400 * 10**9

    def init(self, devices: int) -> _Dial:
        """Return the state of devices that have said nothing yet."""
        slots = -(-self.lateness_ns // self.period_ns) + 1 if self.align else 0
        shape = (devices, slots)
        return _Dial(
            np.full(devices, NEVER),
            np.full(devices, NEVER),
            np.full(shape, NEVER),
            np.full((*shape, self.channels), NEVER),
            np.full((*shape, self.channels), np.nan),
        )

    def end_of(self, time: IntArray) -> IntArray:
        """Return the end of the bin that holds each time, in ns."""
        return -(-time // self.period_ns) * self.period_ns if self.align else time

    def push(
        self, state: _Dial, time: IntArray, values: FloatArray, *, valid: BoolArray, arrived: IntArray | None = None
    ) -> tuple[_Dial, Ticked]:
        """Take readings of shape (devices, time) and (devices, time, channels); return the bins that have closed."""
        invalid = valid & (time == NEVER)
        if arrived is not None:
            invalid |= valid & (time != NEVER) & (time - arrived > self.ahead_ns)
        heard = valid & ~invalid
        greatest = np.maximum.accumulate(_then(state.greatest, np.where(heard, time, NEVER)), axis=1)
        before = greatest[:, :-1]
        first = before == NEVER
        floor = np.where(first, 0, before) - self.lateness_ns
        late = heard & ~first & (self.end_of(np.where(heard, time, 0)) <= floor)
        taken = heard & ~late
        if not self.align:
            return self._pass(state, time, values, before, greatest[:, -1], taken, late, invalid)
        now = _Dial(greatest[:, -1].copy(), state.closed, state.open_end, state.open_time, state.open_value)
        after, device, bins = self._close(now, *self._gather(now, time, values, taken))
        return after, Ticked(device, np.full(len(device), -1), bins, late, invalid)

    def flush(self, state: _Dial) -> tuple[_Dial, Ticked]:
        """Close all open bins, as at the end of a file."""
        devices, slots = state.open_end.shape
        if slots:
            last = np.maximum(state.greatest, state.open_end.max(axis=1))
            due = np.where(last == NEVER, NEVER, np.where(last == NEVER, 0, last) + self.lateness_ns)
            state = _Dial(due, state.closed, state.open_end, state.open_time, state.open_value)
        nothing = np.zeros((devices, 0), np.bool_)
        if not self.align:
            empty = np.zeros(0, np.int64)
            none = np.zeros(0, np.bool_)
            return state, Ticked(empty, empty, Bins(empty, np.zeros((0, self.channels)), none, none), nothing, nothing)
        after, device, bins = self._close(state, *self._open(state))
        return after, Ticked(device, np.full(len(device), -1), bins, nothing, nothing)

    def _pass(
        self,
        state: _Dial,
        time: IntArray,
        values: FloatArray,
        before: IntArray,
        greatest: IntArray,
        taken: BoolArray,
        late: BoolArray,
        invalid: BoolArray,
    ) -> tuple[_Dial, Ticked]:
        """Let each reading that was taken be its own bin."""
        device, row = np.nonzero(taken)
        end, previous = time[device, row], before[device, row]
        missed = self._missed(end, previous)
        bins = Bins(end, values[device, row], missed > self.restart, missed > self.hold)
        after = _Dial(greatest.copy(), state.closed, state.open_end, state.open_time, state.open_value)
        return after, Ticked(device, row, bins, late, invalid)

    def _missed(self, end: IntArray, previous: IntArray) -> IntArray:
        """Return how many bins lie empty between ``previous`` and ``end``; none before the first."""
        pause = end - np.where(previous == NEVER, end, previous)
        return np.maximum((pause + self.period_ns // 2) // self.period_ns - 1, 0)

    def _gather(
        self, state: _Dial, time: IntArray, values: FloatArray, taken: BoolArray
    ) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        """Merge the readings taken with the bins still open: device, end, and per channel time and value."""
        device, row = np.nonzero(taken)
        if not len(device):
            return self._open(state)
        when = time[device, row]
        end = self.end_of(when)
        order = np.lexsort((row, when, end, device))
        device, end, when, value = device[order], end[order], when[order], values[device, row][order]
        first = np.ones(len(end), np.bool_)
        first[1:] = (device[1:] != device[:-1]) | (end[1:] != end[:-1])
        starts = np.flatnonzero(first)
        lasts = np.append(starts[1:], len(end)) - 1
        place = np.where(np.isnan(value), -1, np.arange(len(end))[:, None])
        newest = np.maximum.accumulate(place, axis=0)[lasts]
        known = newest >= starts[:, None]
        newest = np.maximum(newest, 0)
        new_value = np.where(known, np.take_along_axis(value, newest, axis=0), np.nan)
        new_time = np.where(known, when[newest], NEVER)
        return self._merge(self._open(state), (device[starts], end[starts], new_time, new_value))

    @staticmethod
    def _open(state: _Dial) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        device, slot = np.nonzero(state.open_end != NEVER)
        order = np.lexsort((state.open_end[device, slot], device))
        at = (device[order], slot[order])
        return at[0], state.open_end[at], state.open_time[at], state.open_value[at]

    @staticmethod
    def _merge(
        old: tuple[IntArray, IntArray, IntArray, FloatArray], new: tuple[IntArray, IntArray, IntArray, FloatArray]
    ) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
        device, end, when, value = (np.concatenate([a, b]) for a, b in zip(old, new, strict=True))
        order = np.lexsort((end, device))
        device, end, when, value = device[order], end[order], when[order], value[order]
        twin = np.flatnonzero((device[1:] == device[:-1]) & (end[1:] == end[:-1]))
        keep = when[twin] > when[twin + 1]
        value[twin + 1] = np.where(keep, value[twin], value[twin + 1])
        when[twin + 1] = np.where(keep, when[twin], when[twin + 1])
        rest = np.ones(len(end), np.bool_)
        rest[twin] = False
        return device[rest], end[rest], when[rest], value[rest]

    def _close(
        self, state: _Dial, device: IntArray, end: IntArray, when: IntArray, value: FloatArray
    ) -> tuple[_Dial, IntArray, Bins]:
        """Split bins into those that are due and those that stay open."""
        greatest = state.greatest[device]
        due = end <= np.where(greatest == NEVER, NEVER, np.where(greatest == NEVER, 0, greatest) - self.lateness_ns)
        after = self.init(len(state.greatest))
        stay = np.flatnonzero(~due)
        slot = _rank(device[stay])
        after.open_end[device[stay], slot] = end[stay]
        after.open_time[device[stay], slot] = when[stay]
        after.open_value[device[stay], slot] = value[stay]
        device, end, value = device[due], end[due], value[due]
        previous = state.closed[device]
        follows = np.flatnonzero(device[1:] == device[:-1]) + 1
        previous[follows] = end[follows - 1]
        closed = state.closed.copy()
        closed[device] = end
        now = _Dial(state.greatest, closed, after.open_end, after.open_time, after.open_value)
        return now, *self._fill(device, end, value, previous)

    def _fill(self, device: IntArray, end: IntArray, value: FloatArray, previous: IntArray) -> tuple[IntArray, Bins]:
        """Put the empty bins between the full ones, up to the number after which memory is dropped."""
        missed = self._missed(end, previous)
        count = np.minimum(missed, self.restart) + 1
        source = np.repeat(np.arange(len(end)), count)
        last = np.cumsum(count) - 1
        full = np.zeros(len(source), np.bool_)
        full[last] = True
        nth = np.arange(len(source)) - (last - count + 1)[source]
        start = np.where(previous == NEVER, end - self.period_ns, previous)
        when = np.where(full, end[source], start[source] + (nth + 1) * self.period_ns)
        values = np.where(full[:, None], value[source], np.nan)
        fresh = full & (missed > self.restart)[source]
        return device[source], Bins(when, values, fresh, np.zeros(len(source), np.bool_))


def _then(one: IntArray, more: IntArray) -> IntArray:
    """Return ``one``, of shape (devices,), followed by ``more``, of shape (devices, time)."""
    return np.concatenate([one[:, None], more], axis=1)


def _rank(group: IntArray) -> IntArray:
    """Return the place of each entry within its run of equal values; ``group`` is sorted."""
    return np.asarray(np.arange(len(group)) - np.searchsorted(group, group))
