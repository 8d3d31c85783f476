"""The outbox: what each sink has still to be told, in order."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, select, text, union_all, update

from tocsin.core.arrivals import DeadLetter
from tocsin.store import _dead
from tocsin.store._documents import plain, read
from tocsin.store._tables import notices, outbox
from tocsin.store.recorded import Letter

_TAKEN_NS = 30 * 10**9
"""So long a letter that was taken is kept from others, should whoever took it die without anybody noticing."""
_LONGEST_NS = 3_600 * 10**9
"""Whoever is to wait longer was postponed by a clock that has since been set back."""

_earlier = outbox.alias("earlier")


def _waits(table: Any) -> Any:
    now: Any = bindparam("now")
    return (table.c.not_before_ns > now) & (table.c.not_before_ns <= now + _LONGEST_NS)


_NOT_FIRST = exists().where(
    _earlier.c.sink == outbox.c.sink, _earlier.c.id == outbox.c.id, _earlier.c.revision < outbox.c.revision
)
_LETTERS = (
    select(outbox.c.number, outbox.c.tries, notices.c.document)
    .join(notices, (notices.c.id == outbox.c.id) & (notices.c.revision == outbox.c.revision))
    .where(outbox.c.sink == bindparam("to"), ~_waits(outbox))
    .order_by(outbox.c.number)
    .limit(bindparam("most"))
)
_DUE = _LETTERS.where(~_NOT_FIRST.where(_waits(_earlier)))
_NEXT = _LETTERS.where(~_NOT_FIRST)
_OF_SINK = select(outbox.c.number).where(outbox.c.sink == bindparam("to"))
_ANY = union_all(
    _OF_SINK.where(outbox.c.not_before_ns <= bindparam("now")),
    _OF_SINK.where(outbox.c.not_before_ns > bindparam("now") + _LONGEST_NS),
).limit(1)
"""Quick to answer where thousands wait for a sink that is away."""
_TURN = text("SELECT pg_advisory_xact_lock(1953457011, hashtext(:to))")
"""Two that took at once would see the same letters."""
_WAITING = select(func.count()).select_from(outbox).where(outbox.c.sink == bindparam("to"))


def due(connection: Connection, sink: str, *, now_ns: int, most: int) -> list[Letter]:
    """Return what a sink is to be told now; news of an incident never before its earlier news."""
    if not any_due(connection, sink, now_ns=now_ns):
        return []
    found = connection.execute(_DUE, {"to": plain(sink), "now": int(now_ns), "most": most})
    return [Letter(number, read(document), tries) for number, tries, document in found]


def any_due(connection: Connection, sink: str, *, now_ns: int) -> bool:
    """Tell whether there is something to tell a sink now."""
    return connection.scalar(_ANY, {"to": plain(sink), "now": int(now_ns)}) is not None


def take(connection: Connection, sink: str, *, holder: str, now_ns: int, most: int) -> list[Letter]:
    """Return what a sink is to be told next, one letter of an incident at most, and keep it from other holders."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(_TURN, {"to": plain(sink)})
    found = connection.execute(_NEXT, {"to": plain(sink), "now": int(now_ns), "most": most}).all()
    taken = {"not_before_ns": int(now_ns) + _TAKEN_NS, "taken_by": plain(holder)}
    connection.execute(update(outbox).where(outbox.c.number.in_([row.number for row in found])).values(**taken))
    return [Letter(number, read(document), tries) for number, tries, document in found]


def free(connection: Connection, holder: str) -> None:
    """Let others have what a holder took who is no more."""
    given = {"not_before_ns": 0, "taken_by": ""}
    connection.execute(update(outbox).where(outbox.c.taken_by == plain(holder)).values(**given))


def delivered(connection: Connection, numbers: Sequence[int]) -> None:
    """Take letters out of the outbox."""
    connection.execute(delete(outbox).where(outbox.c.number == bindparam("of")), [{"of": int(n)} for n in numbers])


def postpone(connection: Connection, numbers: Sequence[int], *, until_ns: int, reason: str) -> None:
    """Count a failed try, and let letters wait."""
    later = {"tries": outbox.c.tries + 1, "not_before_ns": int(until_ns), "taken_by": "", "reason": plain(reason)}
    which = update(outbox).where(outbox.c.number.in_([int(number) for number in numbers]))
    connection.execute(which.values(**later))


def put_aside(connection: Connection, numbers: Sequence[int], *, reason: str, dead_most: int) -> None:
    """Make letters dead letters."""
    asked = select(outbox.c.sink, notices.c.document).join(
        notices, (notices.c.id == outbox.c.id) & (notices.c.revision == outbox.c.revision)
    )
    found = connection.execute(asked.where(outbox.c.number.in_([int(number) for number in numbers])))
    now = time.time_ns()
    dead = [DeadLetter(f"sink {sink}", document.encode(), reason, now) for sink, document in found]
    _dead.write(connection, dead, key={"feed": "", "lane": ""}, most=dead_most)
    delivered(connection, numbers)


def waiting(connection: Connection, sink: str) -> int:
    """Return how many letters a sink has still to get."""
    return int(connection.scalar(_WAITING, {"to": plain(sink)}) or 0)
