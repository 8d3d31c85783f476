"""Verdicts as rows, close together in time, so that a fleet's batch touches few pages.

A table ordered by device would put each verdict of a batch on a page of its own; one ordered by time alone would
have to be read whole for one device. So rows are ordered by slot (a minute), device and time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, func, select, union

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.tidings import Kept, nothing_kept
from tocsin.store._documents import plain
from tocsin.store._seen import Seen
from tocsin.store._tables import devices, slots, verdicts

SLOT_NS = 60 * 10**9
_RECENT = 60
"""Slots in which the latest verdicts are looked for: an hour, where each minute brings some."""
_INTO = 'INSERT INTO verdicts (slot, device, time_ns, score, "limit", status, incident_ns)'
_ROW = f"{_INTO} VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_KINDS = ("bigint", "bigint", "bigint", "float8", "float8", "smallint", "bigint")
_ARRAYS = f"{_INTO} SELECT * FROM unnest({', '.join(f'%s::{kind}[]' for kind in _KINDS)}) ON CONFLICT DO NOTHING"


def write(connection: Connection, kept: Sequence[Kept], seen: Seen) -> None:
    """Write verdicts, but for those that are there."""
    some = [own for own in kept if len(own)]
    seen.note(connection, sorted({slot for own in some for slot in (own.time // SLOT_NS).tolist()}))
    for own in some:
        _insert(connection, own, seen)


def read(
    connection: Connection,
    *,
    duty: str,
    device: str | None,
    since_ns: int | None,
    until_ns: int | None,
    most: int,
    newest: bool = False,
) -> Kept:
    """Return verdicts of a duty in order of time, the first or the newest; ``until_ns`` is not part of them."""
    c = verdicts.c
    wanted = (
        select(devices.c.device, c.time_ns, c.score, c.limit, c.status, c.incident_ns)
        .select_from(slots.join(verdicts, c.slot == slots.c.slot).join(devices, c.device == devices.c.number))
        .where(devices.c.duty == plain(duty), *_span(since_ns, until_ns))
        .limit(most)
    )
    order = (slots.c.slot, c.time_ns, devices.c.device)
    wanted = wanted.order_by(*((column.desc() for column in order) if newest else order))
    if device is not None:
        wanted = wanted.where(devices.c.device == plain(device))
    found = connection.execute(wanted).all()
    return _kept(duty, found[::-1] if newest else found)


def latest(connection: Connection) -> list[Kept]:
    """Return the newest kept verdict of each device, duty after duty.

    Only the newest slots are read: those with the greatest times, and those written to last, which after a replay of
    old readings are others. To look for a device that has long been silent, all would have to be.
    """
    c = verdicts.c
    ends = (slots.c.slot, slots.c.written_ns)
    recent = union(
        *(select(select(slots.c.slot).order_by(end.desc()).limit(_RECENT).subquery().c.slot) for end in ends)
    )
    ends_of = (c.device, func.max(c.slot).label("slot"), func.max(c.time_ns).label("time_ns"))
    newest = select(*ends_of).where(c.slot.in_(recent)).group_by(c.device).subquery()
    found = connection.execute(_newest(newest)).all()
    parts = {duty: [row[1:] for row in found if row.duty == duty] for duty in dict.fromkeys(row.duty for row in found)}
    return [_kept(duty, rows) for duty, rows in parts.items()]


def devices_of(connection: Connection) -> list[tuple[str, str]]:
    """Return the duty and the name of every device of which verdicts were kept."""
    found = connection.execute(select(devices.c.duty, devices.c.device).order_by(devices.c.duty, devices.c.device))
    return [(duty, device) for duty, device in found]


def _newest(newest: Any) -> Select[Any]:
    c = verdicts.c
    where = and_(c.slot == newest.c.slot, c.device == newest.c.device, c.time_ns == newest.c.time_ns)
    return (
        select(devices.c.duty, devices.c.device, c.time_ns, c.score, c.limit, c.status, c.incident_ns)
        .select_from(newest.join(verdicts, where).join(devices, devices.c.number == c.device))
        .order_by(devices.c.duty, devices.c.number)
    )


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


def _literal(column: list[Any]) -> str:
    """Return a column as PostgreSQL writes an array, which costs half of handing it over as a list."""
    return "{" + ",".join("NULL" if value is None else repr(value) for value in column) + "}"


def _insert(connection: Connection, kept: Kept, seen: Seen) -> None:
    used, place = np.unique(kept.device, return_inverse=True)
    known = seen.numbers(connection, kept.duty, [kept.devices[k] for k in used.tolist()])
    numbers = np.array(known, np.int64)[place]
    slot = kept.time // SLOT_NS
    order = np.lexsort((kept.time, numbers, slot))
    columns = list(_columns(kept, slot, numbers, order))
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_ROW, list(zip(*columns, strict=True)))
    else:
        connection.exec_driver_sql(_ARRAYS, tuple(_literal(column) for column in columns))


def _columns(kept: Kept, slot: IntArray, numbers: IntArray, order: IntArray) -> Iterator[list[Any]]:
    yield slot[order].tolist()
    yield numbers[order].tolist()
    yield kept.time[order].tolist()
    yield [None if value != value else value for value in kept.score[order].tolist()]
    yield [None if value != value else value for value in kept.limit[order].tolist()]
    yield kept.status[order].tolist()
    yield [None if start == NEVER else start for start in kept.incident[order].tolist()]
