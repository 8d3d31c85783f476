"""Failures of databases, told to people: what is away for a while, what is damaged, and what is set wrongly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from tocsin.core.errors import InputError, TocsinError
from tocsin.store.errors import StoreAway

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "Another process holds it; wait, or end that process.",
    sqlite3.SQLITE_LOCKED: "Another process holds it; wait, or end that process.",
    sqlite3.SQLITE_FULL: "Free some space on its disk.",
    sqlite3.SQLITE_READONLY: "Make the file and its folder writable.",
    sqlite3.SQLITE_CANTOPEN: "Check that its folder exists and is writable.",
    sqlite3.SQLITE_PERM: "Make the file and its folder writable.",
    sqlite3.SQLITE_IOERR: "Check its disk.",
    sqlite3.SQLITE_NOMEM: "Free some memory.",
    sqlite3.SQLITE_PROTOCOL: "Another process holds it; wait, or end that process.",
}
_LOCKED = "55P03"
"""What PostgreSQL says when somebody else held a lock for too long."""
_FOREIGN = "42"
"""How PostgreSQL's codes begin for a table that is not there, or that one must not touch."""
_TOO_LONG = "54"
"""How they begin for what is longer than it can keep, which no waiting makes shorter."""
_PASSING = ("25006", "53", "57", "58", "40", "55", "08", "XX")
"""How its codes begin for what passes: read-only, out of space, shut down, I/O, conflict, lock, connection, inside."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Raise what a database reports as an error meant for people; ``place`` names the store."""
    try:
        yield
    except IntegrityError as error:  # two processes wrote the same at once, which goes away when one tries again
        raise StoreAway(f"The store {place} is busy: {error.orig}.", remedy="Wait.") from error
    except DBAPIError as error:
        raise _from_driver(error, place) from error
    except NoConnection as error:
        raise StoreAway(f"The store {place} is busy: no connection was free.", remedy="Wait.") from error
    except sqlite3.Error as error:
        raise _from_sqlite(error, place) from error


def is_busy(away: StoreAway) -> bool:
    """Tell whether it is only that another process writes, or makes the tables."""
    cause = getattr(away.__cause__, "orig", away.__cause__)
    if getattr(cause, "sqlstate", None) == _LOCKED:
        return True
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _from_driver(error: DBAPIError, place: str) -> TocsinError:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _from_sqlite(cause, place)
    code = str(getattr(cause, "sqlstate", None) or "")
    why = " ".join(str(cause).split()).rstrip(".?")
    if code.startswith(_FOREIGN):
        return InputError(f"The store {place} is not as tocsin left it: {why}.", remedy="Check its tables and rights.")
    passing = code.startswith(_PASSING) or isinstance(error, OperationalError | InterfaceError)
    if passing and not code.startswith(_TOO_LONG):
        return StoreAway(f"The store {place} is away: {why}.", remedy="Check that the server runs and lets us in.")
    return InputError(f"The store {place} refuses what it is given: {why}.", remedy="Please report this.")


def _from_sqlite(cause: sqlite3.Error, place: str) -> TocsinError:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    if code in _DAMAGED:
        return InputError(
            f"The store {place} is damaged: {cause}.",
            remedy="Keep a copy of the file, move it and its -wal and -shm files away, and start a new one.",
        )
    if code in _REMEDIES:
        return StoreAway(f"The store {place} is away: {cause}.", remedy=_REMEDIES[code])
    return InputError(f"The store {place} is not as tocsin left it: {cause}.", remedy="Move it away; start a new one.")
