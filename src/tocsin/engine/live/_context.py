"""The last readings of each device, exactly as they came: what an edge sends along when something strange follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import decode, encode
from tocsin.core.readings import Readings

_QUICK = 1
"""How much context is compressed for the store, where it is written every few seconds."""


@dataclass(frozen=True, eq=False)
class Rows:
    """Readings with their places among all of their device; ndarrays of shape (n,), and (n, channels).

    Parameters
    ----------
    device, place, time, arrived, values, bad
        int64, and float64 and bool for the last two.
    hot
        bool: is the score above the forwarding level?
    """

    device: IntArray
    place: IntArray
    time: IntArray
    arrived: IntArray
    values: FloatArray
    bad: BoolArray
    hot: BoolArray

    def take(self, index: IntArray | BoolArray) -> Rows:
        """Return some of them."""
        return Rows(*(column[index] for column in vars(self).values()))

    def joined(self, more: Rows) -> Rows:
        """Return these and more, device after device, each in order."""
        both = Rows(*(np.concatenate(pair) for pair in zip(vars(self).values(), vars(more).values(), strict=True)))
        return both.take(np.lexsort((both.place, both.device)))


class Context:
    """Keeps the last ``depth`` readings of each device.

    Parameters
    ----------
    channels
        Their channels.
    depth
        How many.
    named
        Returns the name of the device at a place.
    """

    def __init__(self, channels: tuple[str, ...], depth: int, named: Callable[[int], str]) -> None:
        self._channels, self._depth, self._named = channels, depth, named
        self.count = np.zeros(0, np.int64)
        """How many readings each device has had."""
        self._first = np.zeros(0, np.int64)
        self._time, self._arrived = (np.zeros((0, depth), np.int64) for _ in range(2))
        self._values = np.zeros((0, depth, len(channels)))
        self._bad = np.zeros(self._values.shape, np.bool_)

    def settle(self, where: IntArray) -> None:
        """Make room for devices of which nothing is known, at these places."""
        for name in ("count", "_first", "_time", "_arrived", "_values", "_bad"):
            setattr(self, name, grown(getattr(self, name), where))
        self.count[where] = self._first[where] = 0

    def placed(self, readings: Readings) -> Rows:
        """Return readings with their places."""
        device, arrived, bad = readings.device, readings.arrived, readings.bad
        if len(device) == 1:
            place = self.count[device]
        else:
            order = np.argsort(device, kind="stable")
            place = np.empty(len(device), np.int64)
            place[order] = self.count[device[order]] + ranks(device[order])
        return Rows(
            device,
            place,
            readings.time,
            readings.time if arrived is None else arrived,
            readings.values,
            np.zeros(readings.values.shape, np.bool_) if bad is None else bad,
            np.zeros(len(device), np.bool_),
        )

    def of(self, who: IntArray, since: IntArray | None = None) -> Rows:
        """Return what is remembered of some devices, device after device, each in order; from places on, if given."""
        held = np.minimum(self.count[who] - self._first[who], self._depth)
        if since is not None:
            held = np.clip(self.count[who] - since, 0, held)
        device = np.repeat(who, held)
        place = self.count[device] - np.repeat(held, held) + ranks(device)
        at = (device, place % self._depth)
        nothing = np.zeros(len(device), np.bool_)
        return Rows(device, place, self._time[at], self._arrived[at], self._values[at], self._bad[at], nothing)

    def remember(self, rows: Rows) -> None:
        """Keep the last readings of each device."""
        if not len(rows.time):
            return
        np.maximum.at(self.count, rows.device, rows.place + 1)
        if len(rows.time) > self._depth:
            rows = rows.take(rows.place >= self.count[rows.device] - self._depth)
        self._put(rows)

    def arrivals(self, rows: Rows) -> Arrivals:
        """Return readings under the names of their devices."""
        used, device = np.unique(rows.device, return_inverse=True)
        return Arrivals(
            tuple(self._named(place) for place in used.tolist()),
            self._channels,
            device.reshape(-1).astype(np.int64),
            rows.time,
            rows.values,
            arrived=rows.arrived,
            bad=rows.bad if rows.bad.any() else None,
        )

    def arrays(self, where: IntArray) -> dict[str, npt.NDArray[Any]]:
        """Return what is remembered of devices, for the store."""
        rows = self.of(where)
        block = encode(self.arrivals(rows), level=_QUICK) if len(rows.time) else b""
        return {"count": self.count[where], "block": np.frombuffer(block, np.uint8)}

    def write(self, where: IntArray, names: Sequence[str], arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Go on with what :meth:`arrays` returned of devices with these names."""
        self.count[where] = self._first[where] = arrays["count"]
        if not len(arrays["block"]):
            return
        some = decode(arrays["block"].tobytes())
        seat = {name: place for place, name in zip(where.tolist(), names, strict=True) if name}
        device = np.array([seat[name] for name in some.devices], np.int64)[some.device]
        bad = np.zeros(some.values.shape, np.bool_) if some.bad is None else some.bad
        held = np.bincount(device, minlength=len(self.count))
        nothing = np.zeros(len(device), np.bool_)
        rows = Rows(device, some.time, some.time, some.arrived, some.values, bad, nothing)
        rows = rows.take(np.argsort(device, kind="stable"))
        place = self.count[rows.device] - held[rows.device] + ranks(rows.device)
        self._first[rows.device] -= held[rows.device]
        self.remember(Rows(rows.device, place, *list(vars(rows).values())[2:]))

    def _put(self, rows: Rows) -> None:
        at = (rows.device, rows.place % self._depth)
        for own, news in ((self._time, rows.time), (self._arrived, rows.arrived)):
            own[at] = news
        self._values[at], self._bad[at] = rows.values, rows.bad


def grown(column: npt.NDArray[Any], where: IntArray) -> npt.NDArray[Any]:
    """Return a column with room for devices at these places, and some more.

    >>> len(grown(np.zeros(2), np.array([3])))
    6
    """
    needed = int(where.max(initial=-1)) + 1
    if needed <= len(column):
        return column
    more = needed + needed // 2 - len(column)
    return np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)])


def ranks(device: IntArray) -> IntArray:
    """Return the place of each entry within its run of equal devices.

    >>> ranks(np.array([0, 0, 4, 4, 4])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.asarray(np.arange(len(device)) - np.searchsorted(device, device))
