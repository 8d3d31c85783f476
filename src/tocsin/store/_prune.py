"""Forgetting what has been kept for long enough, in small steps, so that nobody waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, delete, exists, select, tuple_

from tocsin.store._database import Database
from tocsin.store._tables import dead_letters, devices, feedback, incidents, notices, outbox, slots, verdicts
from tocsin.store.retention import Retention

_STEP = 2_000
"""Rows that go in one transaction."""
_PAUSE_S = 0.005
"""So that a writer who waits comes first."""
_SLOTS = 50
_PAGES = 500
_DAY = 86_400 * 10**9
_IN_USE_NS = 2 * 3_600 * 10**9
"""A slot that is younger may be written to by somebody who knows it by heart: that is noted once an hour."""


def prune(database: Database, retention: Retention, now_ns: int) -> Mapping[str, int]:
    """Delete what is older than its retention; return how many rows of each kind went."""
    verdicts_from = now_ns - max(retention.verdicts_ns, _IN_USE_NS)
    gone = {
        "verdicts": _all(database, lambda own: _verdicts(own, verdicts_from)),
        "incidents": _all(database, lambda own: _incidents(own, now_ns - retention.incidents_ns)),
        "dead_letters": _all(database, lambda own: _dead(own, now_ns - retention.dead_ns)),
    }
    _all(database, lambda own: _devices(own, verdicts_from - 2 * _DAY))
    while database.shrink(_PAGES):
        time.sleep(_PAUSE_S)
    return gone


def _all(database: Database, step: Callable[[Connection], int | None]) -> int:
    total = 0
    while True:
        with database.writing() as connection:
            done = step(connection)
        if done is None:
            return total
        total += done
        time.sleep(_PAUSE_S)


def _verdicts(connection: Connection, before: int) -> int | None:
    """Delete some verdicts of the oldest slots, and the slots once they are empty."""
    old = select(slots.c.slot).where(slots.c.written_ns < before).order_by(slots.c.written_ns).limit(_SLOTS)
    if not (found := list(connection.scalars(old))):
        return None
    key = (verdicts.c.slot, verdicts.c.device, verdicts.c.time_ns)
    some = select(*key).where(verdicts.c.slot.in_(found)).limit(_STEP)
    gone = _rows(connection.execute(delete(verdicts).where(tuple_(*key).in_(some))))
    if gone < _STEP:
        connection.execute(delete(slots).where(slots.c.slot.in_(found), slots.c.written_ns < before))
    return gone


def _devices(connection: Connection, before: int) -> int | None:
    old = select(devices.c.number).where(devices.c.seen_ns < before).limit(_STEP)
    return _rows(connection.execute(delete(devices).where(devices.c.number.in_(old)))) or None


def _incidents(connection: Connection, before: int) -> int | None:
    waits = exists().where(outbox.c.id == incidents.c.id)
    old = select(incidents.c.id).where(incidents.c.written_ns < before, ~incidents.c.open, ~waits).limit(_STEP // 10)
    if not (ids := list(connection.scalars(old))):
        return None
    for table in (feedback, notices, incidents):
        connection.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def _dead(connection: Connection, before: int) -> int | None:
    old = select(dead_letters.c.number).where(dead_letters.c.written_ns < before).limit(_STEP)
    return _rows(connection.execute(delete(dead_letters).where(dead_letters.c.number.in_(old)))) or None


def _rows(result: Any) -> int:
    return max(int(result.rowcount), 0)
