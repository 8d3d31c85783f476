"""Who owns a lane, how far it has been read, and what it remembers."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from tocsin.core.live import Position
from tocsin.store._documents import plain
from tocsin.store._puts import put_new, put_over
from tocsin.store._tables import journal, lanes, memory, state
from tocsin.store.entry import Claim, State
from tocsin.store.errors import Superseded

_HERE = (lanes.c.feed == bindparam("of_feed"), lanes.c.lane == bindparam("of_lane"))
_CLAIMED = (*_HERE, lanes.c.epoch == bindparam("of_epoch"))
_JUDGED = update(lanes).where(*_CLAIMED).values(judged=bindparam("to"))
_SAVED = update(lanes).where(*_CLAIMED).values(snapshot=bindparam("to"))
_APPENDED = update(lanes).where(*_CLAIMED).values(appended=lanes.c.appended + 1)
_SEQ = select(lanes.c.appended).where(*_HERE)
_RELEASED = update(lanes).where(*_CLAIMED).values(owner="")
_GONE = delete(state).where(
    state.c.feed == bindparam("of_feed"), state.c.lane == bindparam("of_lane"), state.c.part == bindparam("of_part")
)


def claim(connection: Connection, key: Mapping[str, str], *, owner: str) -> Claim:
    """Take a lane over, with an epoch that nobody had."""
    owned = {"owner": plain(owner), "claimed_ns": time.time_ns(), "known": True}
    connection.execute(put_new(lanes, connection.dialect.name), {**key, "epoch": 0, **owned})
    connection.execute(update(lanes).where(*_of(lanes, key)).values(epoch=lanes.c.epoch + 1, **owned))
    row = connection.execute(select(lanes.c.epoch, lanes.c.snapshot, lanes.c.judged).where(*_of(lanes, key))).one()
    parts = connection.execute(select(state.c.part, state.c.block).where(*_of(state, key)))
    return Claim(row.epoch, _position(row.snapshot), _position(row.judged), dict(parts.all()))


def owner(connection: Connection, key: Mapping[str, str]) -> str:
    """Return who has a lane; "" where nobody has, or it was released."""
    return connection.scalar(select(lanes.c.owner).where(*_of(lanes, key))) or ""


def names(connection: Connection, feed: str) -> tuple[str, ...]:
    """Return the lanes of a feed of which something is known, in order of their names."""
    known = select(lanes.c.lane).where(lanes.c.feed == feed, lanes.c.known).order_by(lanes.c.lane)
    return tuple(connection.scalars(known))


def judged(connection: Connection, key: Mapping[str, str], *, epoch: int, to: Position) -> None:
    """Note how far a lane has been judged; holds the lane until the transaction ends."""
    _as_owner(connection, _JUDGED, key, epoch=epoch, to=to.value)


def save(connection: Connection, key: Mapping[str, str], *, epoch: int, saved: State) -> None:
    """Write the changed parts of a lane's state, and cut its journal."""
    _as_owner(connection, _SAVED, key, epoch=epoch, to=saved.position.value)
    kept = [{**key, "part": part, "block": block} for part, block in saved.parts.items() if block is not None]
    gone = [_named(key, of_part=part) for part, block in saved.parts.items() if block is None]
    if kept:
        connection.execute(put_over(state, connection.dialect.name), kept)
    if gone:
        connection.execute(_GONE, gone)
    if saved.cut is not None:
        connection.execute(delete(journal).where(*_of(journal, key), journal.c.seq <= saved.cut))


def release(connection: Connection, key: Mapping[str, str], *, epoch: int) -> None:
    """Give a lane up; of a lane that somebody else has, nothing happens."""
    connection.execute(_RELEASED, _named(key, of_epoch=epoch))


def forget(connection: Connection, feed: str, lane: str | None) -> None:
    """Forget what one or all lanes of a feed remember; epochs go on, so that whoever still writes is refused."""
    key = {"feed": feed} if lane is None else {"feed": feed, "lane": lane}
    for table in (state, journal, memory):
        connection.execute(delete(table).where(*_of(table, key)))
    blank: dict[str, Any] = {"known": False, "snapshot": None, "judged": None, "owner": ""}
    connection.execute(update(lanes).where(*_of(lanes, key)).values(epoch=lanes.c.epoch + 1, **blank))


def append(
    connection: Connection, key: Mapping[str, str], *, epoch: int, block: bytes, memo: bytes | None, behind: int | None
) -> int:
    """Write a block behind a lane's journal, and what its source remembers; return the block's number.

    ``behind``: the last call failed, and nobody knows whether it wrote the block all the same, behind this number.
    """
    if behind is not None and blocks(connection, key, after=behind, most=1) == [(behind + 1, block)]:
        return behind + 1
    _as_owner(connection, _APPENDED, key, epoch=epoch)
    seq = int(connection.scalar(_SEQ, _named(key)))  # type: ignore[arg-type]  # the row is there: it was just counted
    connection.execute(journal.insert(), {**key, "seq": seq, "block": block})
    if memo is not None:
        connection.execute(put_over(memory, connection.dialect.name), {**key, "block": memo})
    return seq


def appended(connection: Connection, key: Mapping[str, str]) -> int:
    """Return the number of the last block that was ever written behind a lane's journal."""
    return int(connection.scalar(_SEQ, _named(key)) or 0)


def blocks(connection: Connection, key: Mapping[str, str], *, after: int, most: int) -> list[tuple[int, bytes]]:
    """Return blocks of a lane's journal, in order."""
    found = select(journal.c.seq, journal.c.block).where(*_of(journal, key), journal.c.seq > after)
    return [(seq, block) for seq, block in connection.execute(found.order_by(journal.c.seq).limit(most))]


def remembered(connection: Connection, key: Mapping[str, str]) -> bytes:
    """Return what the source of a lane remembers."""
    return connection.scalar(select(memory.c.block).where(*_of(memory, key))) or b""


def _as_owner(connection: Connection, change: Any, key: Mapping[str, str], *, epoch: int, **values: str) -> None:
    if connection.execute(change, {**_named(key), "of_epoch": epoch, **values}).rowcount != 1:
        raise Superseded(
            f"Lane {key['lane']!r} of {key['feed']!r} has been taken over by somebody else.",
            remedy="Is a second watch running with the same store and the same source?",
        )


def _named(key: Mapping[str, str], **more: Any) -> dict[str, Any]:
    return {"of_feed": key["feed"], "of_lane": key["lane"], **more}


def _of(table: Any, key: Mapping[str, str]) -> tuple[Any, ...]:
    return tuple(table.c[name] == value for name, value in key.items())


def _position(value: str | None) -> Position | None:
    return None if value is None else Position(value)
