"""Connections to a store's database: one writer at a time, whole transactions, errors that people understand."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from tocsin.core.errors import InputError
from tocsin.store._failures import told
from tocsin.store.errors import StoreAway

_PATIENCE_S = 1.0
"""So long a call waits for another process that writes; then the store is away."""
_LOCK = 0x746F6373
"""The number under which processes wait for each other on PostgreSQL while tables are made: "tocs"."""
_FOR_EVER = ("PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL")
_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -16000",
    "PRAGMA journal_size_limit = 33554432",
    "PRAGMA wal_autocheckpoint = 2000",
)


class Database:
    """A database that is opened when it is first needed, and again whenever it was lost.

    Parameters
    ----------
    url
        Where it is.
    synchronous
        Of SQLite: "full", so that what is written survives a power cut, or "normal".
    """

    def __init__(self, url: URL, *, synchronous: str = "full") -> None:
        self.place = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
        self.embedded = url.get_backend_name() == "sqlite"
        self._engine = _sqlite(url, synchronous) if self.embedded else _postgresql(url)
        self._turn: Any = threading.Lock() if self.embedded else nullcontext()
        self._path = Path(url.database or "") if self.embedded else None
        self._file: tuple[int, int] | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection for one transaction, which is written whole at the end or not at all."""
        with told(self.place), self._turn, self._connected() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment of the store."""
        with told(self.place), self._connected() as connection, connection.begin():
            yield connection

    def prepare(self) -> None:
        """Set what a file keeps for ever, before it gets its tables."""
        if self.embedded:
            with told(self.place), self._turn, self._connected() as connection:
                for pragma in _FOR_EVER:
                    connection.connection.cursor().execute(pragma)

    def alone(self, connection: Connection) -> None:
        """Wait until no other process makes tables; holds until the transaction ends."""
        if not self.embedded:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    def shrink(self, pages: int) -> bool:
        """Give some free pages of a file back to the disk; of a quarter of it, which will be needed again, none."""
        if not self.embedded:
            return False
        with told(self.place), self._turn, self._connected() as connection:
            driver = connection.connection.cursor()
            free, size = (driver.execute(f"PRAGMA {what}").fetchone()[0] for what in ("freelist_count", "page_count"))
            if free < max(4 * pages, size // 4):
                return False
            driver.executescript(f"PRAGMA incremental_vacuum({pages})")  # execute() would give back a single page
            return True

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _connected(self) -> Connection:
        if self._path is not None:
            self._find(self._path)
        return self._engine.connect()

    def _find(self, path: Path) -> None:
        """Make sure that the file is still the one that is open: what goes into a deleted file is lost in the end."""
        try:
            found = path.stat()
        except FileNotFoundError:
            if self._file is None:
                return
            raise StoreAway(f"The store {self.place} is gone.", remedy="Put the file back, or start anew.") from None
        if self._file not in (None, (found.st_dev, found.st_ino)):
            raise InputError(f"The store {self.place} was replaced while in use.", remedy="Start anew.")
        self._file = (found.st_dev, found.st_ino)


def _sqlite(url: URL, synchronous: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _PATIENCE_S, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def begin_well(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions in its own way
        for pragma in (*_PRAGMAS, f"PRAGMA synchronous = {synchronous}"):
            connection.execute(pragma).close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    limits = "-c lock_timeout=5s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
    options = {"connect_timeout": 5, "keepalives_idle": 10, "tcp_user_timeout": 15_000, "options": limits}
    return create_engine(url, connect_args={key: value for key, value in options.items() if key not in url.query})
