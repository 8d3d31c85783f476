"""Dead letters: what meant nothing, or could not be delivered, kept with the reason."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select

from tocsin.core.arrivals import DeadLetter
from tocsin.store._documents import plain
from tocsin.store._puts import put_new
from tocsin.store._tables import dead_letters


def write(connection: Connection, dead: Sequence[DeadLetter], *, key: Mapping[str, str], most: int) -> None:
    """Write dead letters, but for those that are there, and drop the oldest beyond ``most``."""
    now = time.time_ns()
    alike: Counter[str] = Counter()
    rows = []
    for letter in dead[-most:]:
        name = _digest(letter, key)
        rows.append({**key, **_row(letter), "key": f"{name}/{alike[name]}", "written_ns": now})
        alike[name] += 1
    connection.execute(put_new(dead_letters, connection.dialect.name), rows)
    newest = select(func.max(dead_letters.c.number)).scalar_subquery()
    connection.execute(delete(dead_letters).where(dead_letters.c.number <= newest - most))


def read(connection: Connection, *, most: int) -> list[DeadLetter]:
    """Return dead letters, the newest first."""
    c = dead_letters.c
    found = select(c.origin, c.payload, c.reason, c.arrived_ns).order_by(c.number.desc()).limit(most)
    return [DeadLetter(*row) for row in connection.execute(found)]


def _row(letter: DeadLetter) -> dict[str, Any]:
    texts = {"origin": plain(letter.origin), "reason": plain(letter.reason)}
    return {**texts, "payload": bytes(letter.payload), "arrived_ns": int(letter.arrived)}


def _digest(letter: DeadLetter, key: Mapping[str, str]) -> str:
    """Return what is the same when the same message is read again."""
    parts = (*key.values(), letter.origin, letter.reason, str(int(letter.arrived)))
    head = "\x00".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(head + b"\x00" + letter.payload, digest_size=12).hexdigest()
