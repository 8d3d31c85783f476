"""Readings from a table in a database, asked again and again for what is new."""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

from tocsin.core.addresses import Address
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Batch, Expected, Lanes, Position, Source
from tocsin.sources._polled_table import Asked, PolledTable, asked_of, engine_for, said
from tocsin.sources._tail_settings import pair
from tocsin.sources.tables._require import require_polars

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.sources._cells import Cells

_LOG = logging.getLogger("tocsin.sources.sql")
_EXAMPLE = "sql:postgresql://user@host/plant?table=readings&key=id"
_THEIRS = ("sslmode", "sslrootcert", "sslcert", "sslkey", "application_name", "options", "target_session_attrs")
"""Settings that are handed on to PostgreSQL."""


@dataclass(frozen=True)
class _SqlSettings:
    """Settings behind the ``?`` of a database's address.

    Parameters
    ----------
    table
        The table or view, with its schema before a dot where it needs one.
    key
        A column of whole numbers that grow with each row.
    time, time_format, timezone
        The column that holds the time, and how texts in it are written.
    device
        The column that names the device; empty for none.
    channels
        Columns to use, with commas; otherwise those that are wanted.
    long
        In long form the columns with the channel's name and its value: ``long=sensor:value``.
    start
        Where to begin in a table that nobody has read.
    every_s
        How often to ask.
    behind_s
        How long a new key is left alone, so that transactions with smaller keys can end. By default 2 s, and none with
        SQLite, which has one writer at a time.
    """

    table: str
    key: str = "id"
    time: str = ""
    time_format: str = ""
    timezone: str = ""
    device: str = "…"
    channels: str = ""
    long: str = ""
    start: Literal["beginning", "end"] = "beginning"
    every_s: float = 1.0
    behind_s: float = -1.0

    def __post_init__(self) -> None:
        if not 0.01 <= self.every_s <= 86_400:
            raise SettingError(f"Asking every {self.every_s:g} s is no good.", remedy="Give 10ms to 1d.")
        pair(self.long)


class Sql(Source):
    """A table whose key only grows, in PostgreSQL or SQLite; other databases that SQLAlchemy knows may do as well.

    A row's columns are channels, or in long form a row is one channel's value. A reading has arrived when it was taken.

    Parameters
    ----------
    url
        Of the database, as SQLAlchemy writes it.
    settings
        How to read it.
    expect
        What is known of the readings.

    Examples
    --------
    >>> Sql.parse("sqlite:///plant.db?table=readings&every=5s", Expected()).settings.every_s
    5.0
    """

    replayable = True
    promise: ClassVar[str] = (
        "Nothing is lost, as long as rows stay in the table until they were judged, and none appears with a smaller "
        "key later than the setting behind= says."
    )

    def __init__(self, url: str, *, settings: _SqlSettings, expect: Expected) -> None:
        self.settings, self._expect = settings, expect
        self._engine = engine_for(url)
        slow = 0.0 if self._engine.dialect.name == "sqlite" else 2.0
        self._behind_s = slow if settings.behind_s < 0 else settings.behind_s
        self._table = PolledTable(self._engine, settings.table)
        self._last: int | None = None
        self._seen: deque[tuple[float, int]] = deque()
        self._ripe: int | None = None
        self._due = 0.0
        self._connected = True

    @classmethod
    def parse(cls, text: str, expect: Expected) -> Sql:
        """Return the source written as ``postgresql://user@host/name?table=readings&key=id``.

        Raises
        ------
        SettingError
            If it cannot work.
        MissingExtraError
            If SQLAlchemy, or the database's driver, is not installed.
        """
        url, _, query = text.partition("?")
        theirs = [part for part in query.split("&") if part.partition("=")[0] in _THEIRS]
        query = "&".join(part for part in query.split("&") if part not in theirs)
        settings = Address.parse(f"//-?{query}", port=1, example=_EXAMPLE).settings(_SqlSettings)
        if not settings.table:
            raise SettingError("The table is missing.", remedy=f"Write an address such as {_EXAMPLE}")
        return cls(url + ("?" + "&".join(theirs) if theirs else ""), settings=settings, expect=_known(expect, settings))

    def open(self, lanes: Lanes) -> None:
        """Look at the table, and go on behind the last key.

        Raises
        ------
        InputError
            If the database does not answer, or the table is not as the settings say.
        """
        require_polars("Reading tables")
        from tocsin.sources._cells import Cells

        columns, own = self._table.open(), self.settings
        long = pair(own.long)
        values = long or tuple(name.strip() for name in own.channels.split(",") if name.strip())
        wanted = Asked(own.key, own.time or None, own.device, values)
        self._asked = asked_of(columns, self._expect, table=own.table, wanted=wanted)
        self._cells: Cells = Cells(self._asked, self._expect, long=long is not None, origin=own.table)
        known = lanes.assigned("")
        if known is None:
            with self._engine.connect() as connection:
                newest = self._table.newest(connection, self._asked)
            self._last = newest if own.start == "end" else None
        else:
            self._last = _key_in(known)

    def poll(self, max_rows: int, timeout_s: float) -> Batch:
        """Return the next rows, or an empty batch where there are none that are old enough."""
        until = time.monotonic() + timeout_s
        while True:
            batch = self._ask(max_rows)
            if batch is not None:
                return batch
            now = time.monotonic()
            if now >= until:
                return Batch(Arrivals.none(), self._position, waiting=0)
            time.sleep(max(0.0, min(until, self._due) - now))

    def commit(self, lane: str, position: Position) -> None:
        """Take note; the table keeps what it holds."""

    def connected(self) -> bool:
        """Tell whether the database answered last time."""
        return self._connected

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    @property
    def _position(self) -> Position:
        return Position("" if self._last is None else str(self._last))

    def _ask(self, most: int) -> Batch | None:
        """Return the next rows if it is time to ask and there are any; a database that is away is asked again."""
        from sqlalchemy.exc import SQLAlchemyError

        if time.monotonic() < self._due:
            return None
        try:
            with self._engine.connect() as connection:
                found = self._next(connection, most)
        except SQLAlchemyError as error:
            self._away(said(error))
            found = None
        if found is None:
            self._due = time.monotonic() + self.settings.every_s
        return found

    def _next(self, connection: Connection, most: int) -> Batch | None:
        ripe = self._ripened(self._table.newest(connection, self._asked))
        if not self._connected:
            _LOG.warning("The database of %s is back", self.settings.table)
            self._connected = True
        if ripe is None or (self._last is not None and ripe <= self._last):
            return None
        rows = self._table.after(connection, self._asked, last=self._last, upto=ripe, most=most)
        if not rows:
            return None
        self._last = int(rows[-1][0])
        waiting = ripe - self._last if len(rows) == most else 0
        arrivals, dead = self._cells.read(rows)
        return Batch(arrivals, self._position, dead=dead, waiting=waiting)

    def _ripened(self, newest: int | None) -> int | None:
        """Return the greatest key that was there ``behind`` ago already: by now whoever had a smaller one has ended."""
        now = time.monotonic()
        if newest is not None and (not self._seen or newest > self._seen[-1][1]):
            self._seen.append((now, newest))
        while self._seen and self._seen[0][0] <= now - self._behind_s:
            self._ripe = self._seen.popleft()[1]
        return self._ripe

    def _away(self, reason: str) -> None:
        if self._connected:
            _LOG.warning("The database of %s is away: %s", self.settings.table, reason)
        self._connected = False
        self._engine.dispose()


def _known(expect: Expected, settings: _SqlSettings) -> Expected:
    """Return what is expected with what the settings say about times."""
    return replace(
        expect,
        time_format=settings.time_format or expect.time_format,
        timezone=settings.timezone or expect.timezone,
    )


def _key_in(known: Position) -> int | None:
    try:
        return int(known.value) if known.value else None
    except ValueError:
        raise InputError(f"{known.value!r} is no key of a table.", remedy="Give this watch another store.") from None
