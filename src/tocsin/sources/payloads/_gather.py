"""Gathering fields by name into arrays: whose, when, what; and what of it means nothing."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.live import Expected
from tocsin.sources._topics import Naming
from tocsin.sources.payloads._numbers import read_numbers
from tocsin.sources.payloads._when import joined, read_times
from tocsin.sources.tables._devices import NO_DEVICE
from tocsin.sources.tables._layout import MISSING
from tocsin.sources.tables._names import DEVICES, names_time, plain

log = logging.getLogger(__name__)

Fields = Mapping[str, object]
"""What one reading's message says, by name."""

KEPT = 4_096
"""Bytes of a message that mean nothing which are kept."""
_TIMES = ("time", "timestamp", "ts", "t", "datetime", "_time")
_OWNERS = ("device", "device_id", "deviceId", "deviceid", "id", "sensor", "sensor_id", "sensorId", "name")
_SHAPES = 4_096


def dead(message: Message, reason: str, *, payload: bytes | None = None) -> DeadLetter:
    """Return a message as a dead letter, shortened.

    >>> dead(Message("plant/pump-1", b"?" * 9_999, 7), "It is no JSON.").payload == b"?" * 4_096
    True
    """
    told = message.payload if payload is None else payload
    return DeadLetter(message.topic, bytes(told[:KEPT]), reason, message.arrived)


@dataclass(frozen=True)
class _Keys:
    """Under which names time and device are found in messages of one shape; None where they are not.

    ``clock`` is a second field that may hold a time, or the time of day.
    """

    time: str | None
    clock: str | None
    device: str | None


class Gatherer:
    """Turns fields by name into arrivals.

    Parameters
    ----------
    expect
        What is known of the readings; without channels, every number is one.
    naming
        What topics say.
    """

    def __init__(self, expect: Expected, naming: Naming) -> None:
        self._expect, self._naming = expect, naming
        self._missing = frozenset((*MISSING, *expect.missing))
        self._shapes: dict[tuple[str, ...], _Keys] = {}
        self._said = False

    def gather(
        self, rows: Sequence[Fields], of: Sequence[int], messages: Sequence[Message]
    ) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in ``rows``, and those that mean nothing.

        Parameters
        ----------
        rows
            Fields by name, in order.
        of
            For each row, the place of its message.
        messages
            The messages.
        """
        if not rows:
            return Arrivals.none(), ()
        keys = [self._keys(row) for row in rows]
        origins = [messages[place] for place in of]
        channels = self._expect.channels or self._found(rows, keys)
        columns, wrong = self._columns(rows, channels)
        self._note_strangers(rows, channels, columns, wrong)
        owners = self._owners(rows, keys, origins, wrong)
        arrived = np.array([message.arrived for message in origins], np.int64)
        times = self._times(rows, keys, arrived)
        together = Counter(of) if wrong else Counter[int]()
        letters = tuple(
            dead(origins[place], reason, payload=_shown(rows[place], alone=together[of[place]] == 1))
            for place, reason in sorted(wrong.items())
        )
        good = np.ones(len(rows), np.bool_)
        good[list(wrong)] = False
        return _packed(owners, channels, times, columns, arrived, good), letters

    def _keys(self, row: Fields) -> _Keys:
        """Return where time and device stand; looked for once for each shape of message."""
        shape = tuple(row)
        if (known := self._shapes.get(shape)) is None:
            if len(self._shapes) >= _SHAPES:
                self._shapes.clear()
            rest = [name for name in row if name not in self._expect.channels]
            times = dict.fromkeys((*self._expect.time, *_TIMES, *filter(names_time, rest)))
            time, clock = ([name for name in times if name in rest] + [None, None])[:2]
            rest = [name for name in rest if name != time]
            owner = _first((*self._expect.device, *_OWNERS), rest)
            owner = owner or next((name for name in rest if plain(name) in DEVICES), None)
            known = self._shapes[shape] = _Keys(time, clock, owner)
        return known

    def _found(self, rows: Sequence[Fields], keys: Sequence[_Keys]) -> tuple[str, ...]:
        """Return the names of all fields that hold a number in some row, in order of appearance."""
        found: dict[str, None] = {}
        for row, key in zip(rows, keys, strict=True):
            for name, value in row.items():
                if isinstance(value, int | float) and name not in (key.time, key.device):
                    found[name] = None
        return tuple(found)

    def _columns(self, rows: Sequence[Fields], channels: Sequence[str]) -> tuple[FloatArray, dict[int, str]]:
        values, wrong = np.empty((len(rows), len(channels))), dict[int, str]()
        for column, channel in enumerate(channels):
            written = [row.get(channel) for row in rows]
            values[:, column], places = read_numbers(written, self._missing)
            for place in places:
                shown = json.dumps(written[place], default=str)[:80]
                wrong.setdefault(
                    place, f"{channel} is {shown}: no number. Send a number, or null where there is no value."
                )
        return values, wrong

    def _note_strangers(
        self, rows: Sequence[Fields], channels: Sequence[str], columns: FloatArray, wrong: dict[int, str]
    ) -> None:
        """Mark rows that name no channel at all."""
        for place in np.flatnonzero(np.isnan(columns).all(axis=1)):
            row = rows[int(place)]
            if not any(channel in row for channel in channels):
                wanted = ", ".join(channels[:8]) or "a number"
                had = ", ".join(list(row)[:8]) or "nothing"
                reason = f"It holds none of the channels wanted ({wanted}) but {had}. Rename them, or narrow the topic."
                wrong.setdefault(int(place), reason)

    def _owners(
        self, rows: Sequence[Fields], keys: Sequence[_Keys], origins: Sequence[Message], wrong: dict[int, str]
    ) -> list[str]:
        """Return the device of each row: the topic's, else the message's, else the whole topic."""
        owners = [self._naming(message.topic)[0] for message in origins]
        if all(owners):
            return owners
        for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
            if owners[place]:
                continue
            said = None if key.device is None else row.get(key.device)
            if isinstance(said, str | int) and not isinstance(said, bool):
                owners[place] = str(said).strip()
            elif said is not None:
                wrong.setdefault(place, f"{key.device} names no device. Send a text or a whole number.")
            owners[place] = owners[place] or origins[place].topic or NO_DEVICE
        return owners

    def _times(self, rows: Sequence[Fields], keys: Sequence[_Keys], arrived: IntArray) -> IntArray:
        """Return the time of each row; where it says none, when it arrived."""
        if self._expect.time_format == "row":
            return arrived
        stamped: BoolArray = np.array([key.time is not None for key in keys])
        if not stamped.all() and not self._said:
            self._said = True
            log.warning("messages without a time are stamped when they arrive; fields: %s", ", ".join(rows[0]))
        times = arrived.copy()
        if stamped.any():
            pairs = zip(rows, keys, strict=True)
            written = [
                row[key.time] if key.clock is None else joined(row[key.time], row[key.clock])
                for row, key in pairs
                if key.time is not None
            ]
            times[stamped] = read_times(written, self._expect)
        return times


def _first(names: Sequence[str], among: Sequence[str]) -> str | None:
    return next((name for name in names if name in among), None)


def _shown(row: Fields, *, alone: bool) -> bytes | None:
    """Return what to keep of a bad reading: the whole message, or of several readings in one, this one."""
    return None if alone else json.dumps(row, default=str).encode()


def _packed(
    owners: list[str],
    channels: Sequence[str],
    times: IntArray,
    columns: FloatArray,
    arrived: IntArray,
    good: BoolArray,
) -> Arrivals:
    if not good.all():
        owners = list(compress(owners, good))
        times, columns, arrived = times[good], columns[good], arrived[good]
    places: dict[str, int] = {}
    device = [places.setdefault(owner, len(places)) for owner in owners]
    return Arrivals(tuple(places), tuple(channels), np.array(device, np.int64), times, columns, arrived)
