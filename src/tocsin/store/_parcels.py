"""What is to be forwarded to a centre, from when it was written until the centre's broker has it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, func, select

from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import encode
from tocsin.store._tables import parcels
from tocsin.store.parcel import Parcel

_QUICK = 1
"""How much a parcel is compressed: it is packed anew with others before it goes."""


def write(connection: Connection, some: Sequence[Arrivals], *, key: Mapping[str, str]) -> None:
    """Write readings behind those that wait."""
    now = time.time_ns()
    rows = [
        {**key, "readings": len(own), "block": encode(own, level=_QUICK), "written_ns": now} for own in some if len(own)
    ]
    if rows:
        connection.execute(parcels.insert(), rows)


def waiting(connection: Connection, *, after: int, most: int) -> list[Parcel]:
    """Return parcels in order."""
    own = parcels.c
    asked = select(own.number, own.readings, own.block, own.written_ns).where(own.number > after)
    return [Parcel(*row) for row in connection.execute(asked.order_by(own.number).limit(most))]


def readings(connection: Connection) -> int:
    """Return how many readings wait."""
    return int(connection.scalar(select(func.sum(parcels.c.readings))) or 0)


def gone(connection: Connection, numbers: Sequence[int]) -> None:
    """Take parcels out."""
    connection.execute(delete(parcels).where(parcels.c.number == bindparam("of")), [{"of": int(n)} for n in numbers])


def drop(connection: Connection, *, before_ns: int) -> int:
    """Throw away what has waited since before then; return how many readings that was."""
    old = parcels.c.written_ns < int(before_ns)
    lost = int(connection.scalar(select(func.sum(parcels.c.readings)).where(old)) or 0)
    if lost:
        connection.execute(delete(parcels).where(old))
    return lost
