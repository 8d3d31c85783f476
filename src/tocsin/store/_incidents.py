"""Incidents: their news as it comes, how they stand, and what people said of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from tocsin.core.notices import Notice
from tocsin.store._documents import finite, plain, read, written
from tocsin.store._puts import put_new, put_over
from tocsin.store._tables import feedback, incidents, notices, outbox
from tocsin.store.errors import UnknownIncident
from tocsin.store.recorded import Answer, Recorded

_AT_ONCE = 500
"""Ids in one question; databases bound how many."""
_PEOPLES = frozenset({"acknowledged_by", "acknowledged_ns", "label", "note"})
_HISTORY = ("id", "revision", "document", "written_ns")
_TOLD = ("open", "update", "close")


def write(
    connection: Connection, news: Sequence[Notice], *, key: Mapping[str, str], sinks: Sequence[str]
) -> tuple[Notice, ...]:
    """Write news of incidents, but for what is known; return what was new. ``key`` names the lane that tells it."""
    known = _known(connection, [notice.id for notice in news])
    new = {(notice.id, int(notice.revision)): notice for notice in news}
    fresh = {key: notice for key, notice in new.items() if key not in known}
    if not fresh:
        return ()
    now, kind = time.time_ns(), connection.dialect.name
    rows = [{**key, **_row(notice, now)} for notice in fresh.values()]
    connection.execute(put_over(incidents, kind, kept=_PEOPLES, newer="revision"), rows)
    connection.execute(put_new(notices, kind), [{name: row[name] for name in _HISTORY} for row in rows])
    _post(connection, list(fresh.values()), sinks)
    return tuple(fresh.values())


def find(
    connection: Connection,
    *,
    open: bool | None,
    since_ns: int | None,
    device: str | None,
    duty: str | None,
    most: int,
) -> list[Recorded]:
    """Return incidents, the latest first."""
    wanted = select(incidents)
    if open is not None:
        wanted = wanted.where(incidents.c.open.is_(open))
    if since_ns is not None:
        wanted = wanted.where(or_(incidents.c.open, incidents.c.end_ns >= int(since_ns)))
    if device is not None:
        wanted = wanted.where(incidents.c.device == plain(device))
    if duty is not None:
        wanted = wanted.where(incidents.c.duty == plain(duty))
    found = connection.execute(wanted.order_by(incidents.c.start_ns.desc(), incidents.c.id).limit(most))
    return [_recorded(row) for row in found]


def going(connection: Connection, key: Mapping[str, str]) -> list[Notice]:
    """Return the last news of the incidents that a lane told of and that are going on, the earliest first."""
    c = incidents.c
    told = select(c.document).where(c.open, *(c[name] == value for name, value in key.items()))
    return [read(document) for document in connection.scalars(told.order_by(c.start_ns, c.id))]


def one(connection: Connection, id: str) -> tuple[Recorded, tuple[Notice, ...]]:
    """Return an incident and its history."""
    row = connection.execute(select(incidents).where(incidents.c.id == plain(id))).one_or_none()
    if row is None:
        raise _unknown(id)
    history = select(notices.c.document).where(notices.c.id == row.id).order_by(notices.c.revision)
    return _recorded(row), tuple(read(document) for document in connection.scalars(history))


def answer(connection: Connection, id: str, *, kind: str, values: dict[str, Any], by: str, at_ns: int) -> None:
    """Write what a person said of an incident: how it stands, and in the history of answers."""
    changed = connection.execute(update(incidents).where(incidents.c.id == plain(id)).values(**values))
    if changed.rowcount != 1:
        raise _unknown(id)
    said = {"kind": kind, "label": values.get("label", ""), "note": values["note"]}
    connection.execute(insert(feedback), {"id": plain(id), "by": plain(by), "at_ns": int(at_ns), **said})


def answers(connection: Connection, id: str) -> tuple[Answer, ...]:
    """Return all that people said of an incident, in order."""
    c = feedback.c
    found = connection.execute(
        select(c.kind, c.label, c.by, c.note, c.at_ns).where(c.id == plain(id)).order_by(c.number)
    )
    return tuple(Answer(*row) for row in found)


def open_count(connection: Connection) -> dict[str, int]:
    """Return how many incidents are going on that somebody was told of, by what they are."""
    told = select(incidents.c.what, func.count()).where(incidents.c.open, incidents.c.kind != "held")
    return {what: int(count) for what, count in connection.execute(told.group_by(incidents.c.what))}


def _known(connection: Connection, ids: Sequence[str]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for start in range(0, len(ids), _AT_ONCE):
        asked = select(notices.c.id, notices.c.revision).where(notices.c.id.in_(ids[start : start + _AT_ONCE]))
        found |= {(id, revision) for id, revision in connection.execute(asked)}
    return found


def _row(notice: Notice, now: int) -> dict[str, Any]:
    times = {f"{name}_ns": int(getattr(notice, name)) for name in ("start", "opened", "peak", "end")}
    names = {name: plain(getattr(notice, name)) for name in ("id", "kind", "what", "duty", "device", "grade")}
    numbers = {"revision": int(notice.revision), "score": finite(notice.score), "limit": finite(notice.limit)}
    return {**names, **times, **numbers, "open": bool(notice.open), "document": written(notice), "written_ns": now}


def _post(connection: Connection, fresh: Sequence[Notice], sinks: Sequence[str]) -> None:
    letters = [
        {"sink": plain(sink), "id": plain(notice.id), "revision": int(notice.revision), "not_before_ns": 0}
        for notice in fresh
        if notice.kind in _TOLD
        for sink in sinks
    ]
    if letters:
        connection.execute(put_new(outbox, connection.dialect.name), letters)


def _recorded(row: Row[Any]) -> Recorded:
    return Recorded(read(row.document), row.acknowledged_by, row.acknowledged_ns, row.label, row.note)


def _unknown(id: str) -> UnknownIncident:
    return UnknownIncident(f"There is no incident {id!r} in this store.", remedy="List them with: tocsin incidents")
