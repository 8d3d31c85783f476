"""A duty's devices as a watch tells of them: the latest verdict of each, and its last ten minutes, in arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.frames import UNKNOWN, Frame
from tocsin.core.verdicts import Status
from tocsin.service.live._rings import Rings

SPAN_NS = 600 * 10**9
"""So much of the past is at hand: ten minutes."""

BACK_ROWS = 100
"""Where rows are the clock, so far back they are counted anew."""


@dataclass(frozen=True, eq=False)
class Past:
    """What is at hand of one device, in order of time; as in :class:`~tocsin.core.frames.Frame`."""

    time: IntArray
    score: FloatArray
    limit: FloatArray
    status: IntArray
    values: FloatArray


class Fleet:
    """The devices of a duty; grows with them. One thread at a time.

    Where readings come faster than there is room for points, a point holds the worst of its stretch of time, so that
    no anomaly is hidden; what is said to be the latest is the latest all the same.

    Parameters
    ----------
    frame
        The first that is told of it.
    """

    def __init__(self, frame: Frame) -> None:
        self.duty, self.artifact = frame.duty, frame.artifact
        self.channels, self.row_clock = frame.channels, frame.row_clock
        self.names: list[str] = []
        self.heard = 0.0
        """When a frame came last, on the monotonic clock in s."""
        self.places: dict[str, int] = {}
        """Each device's place in the columns."""
        self._rings = Rings(len(frame.channels), slots_of=_rows if frame.row_clock else _slots)
        self.latest = _blank(0, len(frame.channels))
        """Columns over the devices: time, score, limit, status, cause, values, heard."""

    def __len__(self) -> int:
        return len(self.names)

    @property
    def bytes(self) -> int:
        """How much memory its arrays take."""
        return self._rings.bytes + sum(int(column.nbytes) for column in self.latest.values())

    def take(self, frame: Frame, *, now_s: float, room: int) -> Frame:
        """Take a frame in; return what of it was news: what came before, or comes of too many devices, is none.

        Parameters
        ----------
        frame
            Of this duty, with these channels.
        now_s
            On the monotonic clock.
        room
            So many more devices may become known.
        """
        self.heard, self.artifact = now_s, frame.artifact
        places = self._placed(frame.devices, room)[frame.device]
        self._start_anew(frame, places)
        known = places >= 0
        known[known] = frame.time[known] > self.latest["time"][places[known]]
        if not known.all():
            frame, places = frame.take(known), places[known]
        if len(frame):
            order = np.lexsort((frame.time, places))
            self._note(frame, places, order, now_s)
            self._rings.write(frame, places)
        return frame

    def find(self, device: str) -> int | None:
        """Return a device's place; None where nobody has told of it."""
        return self.places.get(device)

    def worst(self) -> FloatArray:
        """Return the greatest severity of each device's last ten minutes; NaN where there was no score.

        Where rows are the clock, of all that is at hand.
        """
        newest = self.latest["time"]
        return self._rings.worst(np.full(len(self), NEVER) if self.row_clock else newest - SPAN_NS)

    def strips(self, places: IntArray, bars: int) -> FloatArray | None:
        """Return the greatest severity of devices in equal stretches of the ten minutes up to the fleet's newest time.

        An ndarray of shape (places, bars), NaN where there was no score; None where rows are the clock.
        """
        if self.row_clock or not len(places):
            return None
        until = int(self.latest["time"].max())
        return self._rings.bars(places, since=until - SPAN_NS, until=until, bars=bars)

    def past(self, place: int) -> Past:
        """Return what is at hand of a device."""
        return Past(**self._rings.read(place))

    def forget(self, before_s: float) -> None:
        """Forget devices that were not heard of since ``before_s``."""
        stay = np.flatnonzero(self.latest["heard"] >= before_s)
        if len(stay) < len(self):
            self.names = [self.names[k] for k in stay.tolist()]
            self.places = {name: k for k, name in enumerate(self.names)}
            self.latest = {name: column[stay] for name, column in self.latest.items()}
            self._rings.keep(stay)

    def anomalous(self) -> BoolArray:
        """Tell which devices' latest score is above the limit."""
        return np.asarray(self.latest["score"] > self.latest["limit"])

    def frame(self, places: IntArray) -> Frame:
        """Return the latest verdicts of devices as a frame."""
        own = {name: self.latest[name][places] for name in ("time", "values", "score", "limit", "status", "cause")}
        names = tuple(self.names[k] for k in places.tolist())
        about = (self.duty, self.artifact, self.row_clock, self.channels)
        return Frame(*about, devices=names, device=np.arange(len(names)), **own)

    def _start_anew(self, frame: Frame, places: IntArray) -> None:
        """Forget what is known of devices whose time has gone far back: their readings are read anew."""
        newest = np.full(len(self), NEVER)
        known = places >= 0
        np.maximum.at(newest, places[known], frame.time[known])
        own = np.flatnonzero((newest != NEVER) & (self.latest["time"] != NEVER))
        back = own[self.latest["time"][own] - newest[own] > (BACK_ROWS if self.row_clock else SPAN_NS)]
        if len(back):
            self.latest["time"][back] = NEVER
            self._rings.clear(back)

    def _placed(self, devices: tuple[str, ...], room: int) -> IntArray:
        new = [name for name in dict.fromkeys(devices) if name not in self.places][: max(room, 0)]
        if new:
            self.places.update({name: len(self.names) + k for k, name in enumerate(new)})
            self.names += new
            more = _blank(len(new), len(self.channels))
            self.latest = {name: np.concatenate([own, more[name]]) for name, own in self.latest.items()}
            self._rings.grow(len(self.names))
        return np.array([self.places.get(name, -1) for name in devices], np.int64)

    def _note(self, frame: Frame, places: IntArray, order: IntArray, now_s: float) -> None:
        """Write down the newest verdict of each device."""
        own = places[order]
        last = order[np.append(own[1:] != own[:-1], True)]
        for name in ("time", "values", "score", "limit", "status", "cause"):
            self.latest[name][places[last]] = getattr(frame, name)[last]
        self.latest["heard"][places[last]] = now_s


def _blank(devices: int, channels: int) -> dict[str, Any]:
    return {
        "time": np.full(devices, NEVER),
        "values": np.full((devices, channels), np.nan, np.float32),
        "score": np.full(devices, np.nan),
        "limit": np.full(devices, np.nan),
        "status": np.full(devices, Status.warming, np.uint8),
        "cause": np.full(devices, UNKNOWN, np.int64),
        "heard": np.zeros(devices),
    }


def _slots(time: IntArray, points: int) -> IntArray:
    return time // (SPAN_NS // points)


def _rows(time: IntArray, points: int) -> IntArray:
    del points
    return time
