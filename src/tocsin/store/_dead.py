"""Dead letters: what meant nothing, or could not be delivered, kept with the reason."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, select

from tocsin.core.arrivals import DeadLetter
from tocsin.store._database import Database
from tocsin.store._documents import plain
from tocsin.store._tables import dead_letters


def write(
    database: Database, connection: Connection, dead: Sequence[DeadLetter], *, key: Mapping[str, str], most: int
) -> None:
    """Write dead letters, but for those that are there, and drop the oldest beyond ``most``."""
    now = time.time_ns()
    alike: Counter[str] = Counter()
    rows = []
    for letter in dead:
        name = _digest(letter, key)
        rows.append(
            {
                **key,
                "key": f"{name}/{alike[name]}",
                "origin": plain(letter.origin),
                "payload": letter.payload,
                "reason": plain(letter.reason),
                "arrived_ns": int(letter.arrived),
                "written_ns": now,
            }
        )
        alike[name] += 1
    connection.execute(database.insert(dead_letters).on_conflict_do_nothing(), rows)
    newest = select(func.max(dead_letters.c.number)).scalar_subquery()
    connection.execute(delete(dead_letters).where(dead_letters.c.number <= newest - most))


def read(connection: Connection, *, most: int) -> list[DeadLetter]:
    """Return dead letters, the newest first."""
    c = dead_letters.c
    found = select(c.origin, c.payload, c.reason, c.arrived_ns).order_by(c.number.desc()).limit(most)
    return [DeadLetter(*row) for row in connection.execute(found)]


def _digest(letter: DeadLetter, key: Mapping[str, str]) -> str:
    """Return what is the same when the same message is read again."""
    parts = (*key.values(), letter.origin, letter.reason, str(int(letter.arrived)))
    head = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(head + b"\x00" + letter.payload, digest_size=12).hexdigest()
