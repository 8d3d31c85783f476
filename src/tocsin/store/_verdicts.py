"""Verdicts as rows, close together in time, so that a fleet's batch touches few pages.

A table ordered by device would put each verdict of a batch on a page of its own; one ordered by time alone would
have to be read whole for one device. So rows are ordered by slot (a minute), device and time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import Connection, select, update

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.tidings import Kept, nothing_kept
from tocsin.store._database import Database
from tocsin.store._documents import plain
from tocsin.store._tables import devices, slots, verdicts

SLOT_NS = 60 * 10**9
_FRESH_NS = 3_600 * 10**9
"""So often, at most, is it noted that a device or a slot is still written to."""
_MOST_SLOTS = 10_000
_AT_ONCE = 500
"""Names in one question; databases bound how many."""


@dataclass
class Seen:
    """Numbers of devices, and when devices and slots were last noted, as the store is known to have them."""

    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    devices: dict[int, int] = field(default_factory=dict)
    slots: dict[int, int] = field(default_factory=dict)

    def learn(self, more: Seen) -> None:
        """Take over what a transaction wrote, once it is safe."""
        self.numbers |= more.numbers
        self.devices |= more.devices
        if len(self.slots) > _MOST_SLOTS:
            self.slots.clear()
        self.slots |= more.slots

    def clear(self) -> None:
        """Forget all, after something was deleted."""
        self.numbers.clear()
        self.devices.clear()
        self.slots.clear()


def write(database: Database, connection: Connection, kept: Kept, seen: Seen) -> Seen:
    """Write verdicts, but for those that are there; return what is to be learned once that is safe."""
    now = time.time_ns()
    new = Seen()
    numbers = _numbers(database, connection, kept, seen, new, now)[kept.device]
    slot = kept.time // SLOT_NS
    _note_slots(database, connection, np.unique(slot).tolist(), seen, new, now)
    order = np.lexsort((kept.time, numbers, slot))
    _insert(database, connection, list(_columns(kept, slot, numbers, order)))
    return new


def read(
    connection: Connection, *, duty: str, device: str | None, since_ns: int | None, until_ns: int | None, most: int
) -> Kept:
    """Return verdicts of a duty in order of time; ``until_ns`` is not part of them."""
    c = verdicts.c
    wanted = (
        select(devices.c.device, c.time_ns, c.score, c.limit, c.status, c.incident_ns)
        .select_from(slots.join(verdicts, c.slot == slots.c.slot).join(devices, c.device == devices.c.number))
        .where(devices.c.duty == plain(duty), *_span(since_ns, until_ns))
        .order_by(slots.c.slot, c.time_ns, devices.c.device)
        .limit(most)
    )
    if device is not None:
        wanted = wanted.where(devices.c.device == plain(device))
    return _kept(duty, connection.execute(wanted).all())


def _span(since_ns: int | None, until_ns: int | None) -> Iterator[Any]:
    if since_ns is not None:
        yield from (slots.c.slot >= int(since_ns) // SLOT_NS, verdicts.c.time_ns >= int(since_ns))
    if until_ns is not None:
        yield from (slots.c.slot <= int(until_ns) // SLOT_NS, verdicts.c.time_ns < int(until_ns))


def _kept(duty: str, rows: Sequence[Any]) -> Kept:
    if not rows:
        return nothing_kept(duty)
    name, stamp, score, limit, status, incident = zip(*rows, strict=True)
    known = {own: place for place, own in enumerate(dict.fromkeys(name))}
    return Kept(
        duty,
        tuple(known),
        np.array([known[own] for own in name], np.int64),
        np.array(stamp, np.int64),
        np.array(score, np.float64),
        np.array(limit, np.float64),
        np.array(status, np.uint8),
        np.array([NEVER if start is None else start for start in incident], np.int64),
    )


def _numbers(database: Database, connection: Connection, kept: Kept, seen: Seen, new: Seen, now: int) -> IntArray:
    names = [(kept.duty, kept.devices[place]) for place in np.unique(kept.device).tolist()]
    if unknown := [name for name in names if name not in seen.numbers]:
        _name(database, connection, unknown, new, now)
    numbers = [new.numbers.get(name) or seen.numbers[name] for name in names]
    if old := [number for number in numbers if now - seen.devices.get(number, now) > _FRESH_NS]:
        connection.execute(update(devices).where(devices.c.number.in_(old)).values(seen_ns=now))
        new.devices |= dict.fromkeys(old, now)
    out = np.zeros(len(kept.devices), np.int64)
    out[np.unique(kept.device)] = numbers
    return out


def _name(database: Database, connection: Connection, names: list[tuple[str, str]], new: Seen, now: int) -> None:
    rows: list[dict[str, Any]] = [
        {"duty": plain(duty), "device": plain(device), "seen_ns": now} for duty, device in names
    ]
    put = database.insert(devices)
    connection.execute(put.on_conflict_do_update(index_elements=["duty", "device"], set_={"seen_ns": now}), rows)
    found: dict[str, int] = {}
    for part in _parts([row["device"] for row in rows]):
        asked = select(devices.c.device, devices.c.number)
        own = connection.execute(asked.where(devices.c.duty == rows[0]["duty"], devices.c.device.in_(part)))
        found |= dict(own.all())
    new.numbers |= {name: found[row["device"]] for name, row in zip(names, rows, strict=True)}
    new.devices |= dict.fromkeys(found.values(), now)


def _note_slots(database: Database, connection: Connection, found: list[int], seen: Seen, new: Seen, now: int) -> None:
    old = [slot for slot in found if now - seen.slots.get(slot, 0) > _FRESH_NS]
    if old:
        put = database.insert(slots).on_conflict_do_update(index_elements=["slot"], set_={"written_ns": now})
        connection.execute(put, [{"slot": slot, "written_ns": now} for slot in old])
        new.slots |= dict.fromkeys(old, now)


def _columns(kept: Kept, slot: IntArray, numbers: IntArray, order: IntArray) -> Iterator[list[Any]]:
    yield slot[order].tolist()
    yield numbers[order].tolist()
    yield kept.time[order].tolist()
    yield [None if value != value else value for value in kept.score[order].tolist()]
    yield [None if value != value else value for value in kept.limit[order].tolist()]
    yield kept.status[order].tolist()
    yield [None if start == NEVER else start for start in kept.incident[order].tolist()]


def _insert(database: Database, connection: Connection, columns: list[list[Any]]) -> None:
    into = 'INSERT INTO verdicts (slot, device, time_ns, score, "limit", status, incident_ns)'
    if database.embedded:
        rows = list(zip(*columns, strict=True))
        connection.exec_driver_sql(f"{into} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)
        return
    kinds = ("bigint", "bigint", "bigint", "float8", "float8", "smallint", "bigint")
    arrays = ", ".join(f"%s::{kind}[]" for kind in kinds)
    connection.exec_driver_sql(f"{into} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING", tuple(columns))


def _parts(names: Iterable[str]) -> Iterator[list[str]]:
    rest = list(names)
    for start in range(0, len(rest), _AT_ONCE):
        yield rest[start : start + _AT_ONCE]
