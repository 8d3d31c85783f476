"""Readings that wait a moment, for those of their device that were taken earlier, and for their other channels."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import NEVER, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Several:
    """Readings of several devices, in order; arrays of shape (n,), and (n, channels) for the values."""

    device: IntArray
    time: IntArray
    values: FloatArray
    arrived: IntArray


@dataclass(slots=True, eq=False)
class _One:
    """A reading that waits; ``heard`` is when its first row came, by the lane's clock."""

    device: int
    time: int
    arrived: int
    heard: int
    values: FloatArray
    waits: bool = True


class Waiting:
    """Holds each reading until the lane's clock is more than ``allowance_ns`` past its arrival.

    Then it is let go, and before it those of its device that still wait and were taken earlier. A row joins a reading
    of its device that waits, was taken less than half a period before or after, and has none of the row's channels.
    All of it goes row by row, so that nothing hangs on how rows are cut.

    Parameters
    ----------
    allowance_ns
        So long.
    period_ns
        The cadence of the readings.
    eager
        Is a reading let go as soon as all its channels have come, instead of waiting for earlier ones?
    channels
        How many there are.
    """

    def __init__(self, *, allowance_ns: int, period_ns: int, channels: int, eager: bool = False) -> None:
        self._allowance, self._period, self._channels, self._eager = allowance_ns, period_ns, channels, eager
        self._queue: deque[_One] = deque()
        self._of: dict[int, list[_One]] = {}

    def __len__(self) -> int:
        return sum(len(some) for some in self._of.values())

    def take(self, rows: Several, heard: IntArray) -> Several:
        """Take rows in order of arrival; return the readings that are let go meanwhile, in order."""
        free: list[_One] = []
        for one in _ones(rows, heard):
            free += self._due(one.heard)
            if one.time == NEVER:
                free.append(one)
            else:
                free += self._join(one)
        return self._several(free)

    def due(self, now: int) -> Several:
        """Return the readings that have waited long enough by now, in order."""
        return self._several(self._due(now))

    def finish(self) -> Several:
        """Return all readings that wait, in order."""
        return self._several([one for first in list(self._queue) if first.waits for one in self._let_go(first)])

    def leave(self, devices: IntArray) -> Several:
        """Return the readings that wait of devices that leave, in order."""
        own = [one for one in list(self._queue) if one.waits and one.device in devices]
        return self._several([free for one in own if one.waits for free in self._let_go(one)])

    def shift(self, by_ns: int) -> None:
        """Count so much time as if it had not passed."""
        for one in self._queue:
            one.heard += by_ns

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what waits, for the store."""
        ones = [one for one in self._queue if one.waits]
        some = self._several(ones)
        heard = np.array([one.heard for one in ones], np.int64)
        return {**vars(some), "heard": heard}

    def write(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on with what :meth:`arrays` returned."""
        for one in _ones(Several(*(arrays[field.name] for field in fields(Several))), arrays["heard"]):
            self._add(one)

    def _due(self, now: int) -> list[_One]:
        free: list[_One] = []
        while self._queue and now - self._allowance > self._queue[0].heard:
            first = self._queue.popleft()
            if first.waits:
                free += self._let_go(first)
        return free

    def _let_go(self, last: _One) -> list[_One]:
        mine = self._of.pop(last.device)
        free = sorted((one for one in mine if one.time <= last.time), key=lambda one: one.time)
        left = [one for one in mine if one.time > last.time]
        if left:
            self._of[last.device] = left
        for one in free:
            one.waits = False
        return free

    def _join(self, row: _One) -> list[_One]:
        """Add a row to a reading that waits, or let it wait; return what is complete with it, where that is enough."""
        one = self._placed(row)
        return self._let_go(one) if self._eager and not np.isnan(one.values).any() else []

    def _placed(self, row: _One) -> _One:
        news = ~np.isnan(row.values)
        for one in self._of.get(row.device, ()):
            near = 2 * abs(one.time - row.time) < self._period
            if near and not (news & ~np.isnan(one.values)).any():
                one.values = np.where(news, row.values, one.values)
                return one
        self._add(row)
        return row

    def _add(self, one: _One) -> None:
        self._queue.append(one)
        self._of.setdefault(one.device, []).append(one)

    def _several(self, ones: Sequence[_One]) -> Several:
        rows = [(one.device, one.time, one.arrived) for one in ones]
        device, time, arrived = np.array(rows, np.int64).reshape(-1, 3).T
        values = np.array([one.values for one in ones], np.float64).reshape(-1, self._channels)
        return Several(device.copy(), time.copy(), values, arrived.copy())


def _ones(rows: Several, heard: IntArray) -> Iterator[_One]:
    columns = (column.tolist() for column in (rows.device, rows.time, rows.arrived, heard))
    for device, time, arrived, when, values in zip(*columns, rows.values, strict=True):
        yield _One(device, time, arrived, when, values)
