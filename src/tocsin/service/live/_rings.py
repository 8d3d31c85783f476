"""The last ten minutes of many devices in rings of one size, so that the worst of all is found in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.frames import Frame

MOST_BYTES = 64 << 20
"""Of all rings of a duty together; the more devices, the fewer points each."""
POINTS = (1200, 600, 300, 120, 60, 24, 12)
"""How many points a ring may have; in ten minutes that is one in half a second, and one in 50 s."""

SlotsOf = Callable[[IntArray, int], IntArray]
"""Returns in which stretch each time lies, of which there are so many in ten minutes."""


class Rings:
    """A ring of points for each device.

    Parameters
    ----------
    channels
        Values of a point.
    slots_of
        Which stretch a time lies in: a point is the worst of its stretch.
    """

    def __init__(self, channels: int, *, slots_of: SlotsOf) -> None:
        self._channels, self._slots_of = channels, slots_of
        self._arrays = self._blank(0, POINTS[0])
        self._next, self._slot = np.zeros(0, np.int64), np.zeros(0, np.int64)

    @property
    def points(self) -> int:
        """How many points a ring has."""
        return int(self._arrays["time"].shape[1])

    @property
    def bytes(self) -> int:
        """How much memory the arrays take."""
        return sum(array.nbytes for array in self._arrays.values())

    def grow(self, devices: int) -> None:
        """Make room for so many devices; where there are many, each gets fewer points, the newest of what it had."""
        if devices <= len(self._next):
            return
        room = max(8, devices + devices // 4)
        known = len(self._next)
        points = min(self._affordable(room), self.points)
        old = self._newest(points) if points < self.points else self._arrays
        self._arrays = self._blank(room, points)
        for name, array in old.items():
            self._arrays[name][:known] = array
        more = room - known
        self._next = np.concatenate([self._next, np.zeros(more, np.int64)])
        self._slot = np.concatenate([self._slot, np.full(more, NEVER)])

    def keep(self, places: IntArray) -> None:
        """Keep the rings at ``places`` alone, in that order."""
        self._arrays = {name: array[places] for name, array in self._arrays.items()}
        self._next, self._slot = self._next[places], self._slot[places]

    def clear(self, places: IntArray) -> None:
        """Empty the rings at ``places``."""
        self._arrays["time"][places], self._arrays["severity"][places] = NEVER, -1.0
        self._slot[places] = NEVER

    def write(self, frame: Frame, places: IntArray) -> None:
        """Add the verdicts of a frame, each to the ring at its place; none is older than what its ring holds."""
        slot, severity = self._slots_of(frame.time, self.points), frame.severity
        rank = np.where(np.isnan(severity), -1.0, severity)
        order = np.lexsort((frame.time, rank, slot, places))
        own, when = places[order], slot[order]
        worst = np.append((own[1:] != own[:-1]) | (when[1:] != when[:-1]), True)
        own, when, rows = own[worst], when[worst], order[worst]
        again = when == self._slot[own]
        self._merge(frame, own[again], rows[again])
        self._append(frame, own[~again], when[~again], rows[~again])

    def worst(self, since: IntArray) -> FloatArray:
        """Return the greatest severity in each of the first rings from a time of its own on, NaN where there is none.

        Parameters
        ----------
        since
            ndarray of shape (devices,), int64.
        """
        devices = len(since)
        if not devices:
            return np.zeros(0)
        recent = self._arrays["time"][:devices] >= since[:, None]
        found = np.where(recent, self._arrays["severity"][:devices], -1.0).max(axis=1).astype(np.float64)
        return np.where(found < 0, np.nan, found)

    def bars(self, places: IntArray, *, since: int, until: int, bars: int) -> FloatArray:
        """Return the greatest severity in equal stretches from ``since`` to ``until``, NaN where there is none.

        Returns
        -------
        ndarray of shape (places, bars), float64.
        """
        found = np.full((len(places), bars), -1.0)
        time, severity = self._arrays["time"][places], self._arrays["severity"][places]
        row, point = np.nonzero((time > since) & (time <= until) & (severity >= 0))
        stretch = (time[row, point] - since - 1) * bars // (until - since)
        np.maximum.at(found, (row, stretch), severity[row, point])
        return np.where(found < 0, np.nan, found)

    def read(self, place: int) -> dict[str, Any]:
        """Return the points of a ring, in order of time."""
        own = {name: array[place] for name, array in self._arrays.items() if name != "severity"}
        order = np.argsort(own["time"], kind="stable")
        order = order[own["time"][order] != NEVER]
        return {name: array[order] for name, array in own.items()}

    def _merge(self, frame: Frame, places: IntArray, rows: IntArray) -> None:
        """Let verdicts take the place of their ring's last point, where they are as bad or worse."""
        at = (self._next[places] - 1) % self.points
        rank = _rank(frame, rows)
        worse = rank >= self._arrays["severity"][places, at]
        self._put(frame, places[worse], at[worse], rows[worse])

    def _append(self, frame: Frame, places: IntArray, slot: IntArray, rows: IntArray) -> None:
        if not len(places):
            return
        first = np.searchsorted(places, places)
        behind = np.searchsorted(places, places, side="right")
        rank, count = np.arange(len(places)) - first, behind - first
        fits = count - rank <= self.points
        at = (self._next[places] + rank) % self.points
        self._put(frame, places[fits], at[fits], rows[fits])
        last = rank == count - 1
        self._next[places[last]] += count[last]
        self._slot[places[last]] = slot[last]

    def _put(self, frame: Frame, places: IntArray, at: IntArray, rows: IntArray) -> None:
        with np.errstate(over="ignore"):  # what no float32 holds is infinite
            for name in ("time", "values", "score", "limit", "status"):
                self._arrays[name][places, at] = getattr(frame, name)[rows]
        self._arrays["severity"][places, at] = _rank(frame, rows)

    def _affordable(self, devices: int) -> int:
        each = sum(array.itemsize * int(np.prod(array.shape[2:])) for array in self._arrays.values())
        return next((points for points in POINTS if devices * points * each <= MOST_BYTES), POINTS[-1])

    def _newest(self, points: int) -> dict[str, npt.NDArray[Any]]:
        """Return the newest points of each ring, as if the rings had been so small all along."""
        known, size = len(self._next), self.points
        back = (self._next[:, None] - points + np.arange(points)[None, :]) % size
        turn = (self._next[:, None] - points + np.arange(points)[None, :]) % points
        found = {name: np.empty((known, points, *array.shape[2:]), array.dtype) for name, array in self._arrays.items()}
        rows = np.arange(known)[:, None]
        for name, array in self._arrays.items():
            found[name][rows, turn] = array[rows, back]
        self._slot[:] = NEVER  # stretches are wider now, and another numbering
        return found

    def _blank(self, devices: int, points: int) -> dict[str, npt.NDArray[Any]]:
        shape = (devices, points)
        return {
            "time": np.full(shape, NEVER),
            "values": np.full((*shape, self._channels), np.nan, np.float32),
            "score": np.full(shape, np.nan, np.float32),
            "limit": np.full(shape, np.nan, np.float32),
            "status": np.zeros(shape, np.uint8),
            "severity": np.full(shape, -1.0, np.float32),
        }


def _rank(frame: Frame, rows: IntArray) -> npt.NDArray[np.float32]:
    severity = frame.severity[rows]
    with np.errstate(over="ignore"):
        return np.where(np.isnan(severity), -1.0, severity).astype(np.float32)
