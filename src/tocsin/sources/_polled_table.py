"""A table in a database whose key only grows, asked for what is new since a key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import InputError, MissingExtraError, SettingError
from tocsin.core.live import Expected
from tocsin.sources.tables._names import DEVICES, names_time, nearest, plain

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select, Table

_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_PATIENCE_S = 10


@dataclass(frozen=True)
class Asked:
    """Which columns are what.

    Parameters
    ----------
    key
        Grows with each row.
    time
        Holds the time; None where rows are stamped when they are read.
    device
        Names the device, None where there is one alone.
    values
        Hold the channels' values; in long form the name and the value.
    """

    key: str
    time: str | None
    device: str | None
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys(name for name in (self.key, self.time, self.device, *self.values) if name))


class PolledTable:
    """The table, known by the names that the database itself tells: what is no column of it never reaches a statement.

    Parameters
    ----------
    engine
        The database.
    name
        The table, with its schema before a dot where it needs one.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine, self._name = engine, name
        self._table: Table | None = None

    def open(self) -> tuple[str, ...]:
        """Look the table up; return the names of its columns.

        Raises
        ------
        InputError
            If the database does not answer, or has no such table.
        """
        from sqlalchemy import MetaData, Table
        from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

        self._refuse_no_file()
        schema, _, name = self._name.rpartition(".")
        try:
            with self._engine.connect() as connection:
                self._table = Table(
                    name, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False
                )
        except NoSuchTableError:
            raise InputError(
                f"There is no table {self._name!r} in {self._engine.url!r}.", remedy="Name one with table=."
            ) from None
        except SQLAlchemyError as error:
            raise InputError(
                f"{self._engine.url!r} does not answer: {said(error)}.", remedy="Check the address, and that it runs."
            ) from None
        return tuple(self._table.columns.keys())

    def newest(self, connection: Connection, asked: Asked) -> int | None:
        """Return the greatest key, None of an empty table.

        Raises
        ------
        InputError
            If the key is no whole number.
        """
        from sqlalchemy import func, select

        assert self._table is not None
        found = connection.execute(select(func.max(self._table.c[asked.key]))).scalar()
        if found is not None and (not isinstance(found, int) or isinstance(found, bool)):
            raise InputError(
                f"The key {asked.key!r} holds {found!r}.", remedy="Name a column of growing whole numbers with key=."
            )
        return found

    def after(self, connection: Connection, asked: Asked, *, last: int | None, upto: int, most: int) -> Sequence[Any]:
        """Return the rows behind a key, up to another, in order; each a tuple as ``asked.columns`` says."""
        return connection.execute(self._statement(asked, last, upto).limit(most)).all()

    def _refuse_no_file(self) -> None:
        """SQLite would make an empty database of a name that is written wrong."""
        path = self._engine.url.database or ""
        if self._engine.dialect.name == "sqlite" and not Path(path).is_file():
            raise InputError(f"There is no database {path!r}.", remedy="Check the path, as in sqlite:///plant.db.")

    def _statement(self, asked: Asked, last: int | None, upto: int) -> Select[Any]:
        from sqlalchemy import select

        assert self._table is not None
        key = self._table.c[asked.key]
        found = select(*(self._table.c[name] for name in asked.columns)).where(key <= upto).order_by(key)
        return found if last is None else found.where(key > last)


def engine_for(url: str) -> Engine:
    """Return the engine of a database; nothing is connected yet.

    Raises
    ------
    MissingExtraError
        If SQLAlchemy, or the database's driver, is not installed.
    SettingError
        If it is no address.
    """
    try:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise MissingExtraError("Reading a database", extra="stream", library="SQLAlchemy") from None
    try:
        known = make_url(url)
        known = known.set(drivername=_DRIVERS.get(known.drivername, known.drivername))
        backend = known.get_backend_name()
        wait = {"connect_timeout": _PATIENCE_S} if backend == "postgresql" else {"timeout": _PATIENCE_S}
        return create_engine(known, connect_args=wait, pool_pre_ping=True, pool_size=1)
    except ModuleNotFoundError as error:
        raise MissingExtraError("Reading PostgreSQL", extra="serve", library=error.name or "psycopg") from None
    except (ArgumentError, ImportError) as error:
        raise SettingError(
            f"{re.sub(r':[^:@/]*@', ':…@', url)!r} is no address of a database: {error}.",
            remedy="Write postgresql://user@host/name or sqlite:///plant.db.",
        ) from None


def asked_of(names: Sequence[str], expect: Expected, *, table: str, wanted: Asked) -> Asked:
    """Return which columns of a table are what, from what is wanted and what is expected.

    Parameters
    ----------
    names
        Of its columns.
    expect
        What is known of the readings.
    table
        Its name, for messages.
    wanted
        What the settings say; "" for what they leave open.

    Raises
    ------
    InputError
        If a column is not there, or none of the channels wanted is.
    """
    time = wanted.time or _first(names, expect.time) or next((name for name in names if names_time(name)), None)
    device = wanted.device
    if device == "…":
        device = _first(names, expect.device) or next((name for name in names if plain(name) in DEVICES), None)
    values = wanted.values or tuple(name for name in expect.channels if name in names)
    if not values and not expect.channels:
        values = tuple(name for name in names if name not in (wanted.key, time, device))
    for name in (wanted.key, time, device, *values):
        if name and name not in names:
            hint = nearest(name, names) or f"There are: {', '.join(names[:12])}."
            raise InputError(f"There is no column {name!r} in the table {table!r}.", remedy=hint)
    if not values:
        raise InputError(
            f"The table {table!r} has none of the channels wanted: {', '.join(expect.channels[:8])}.",
            remedy=f"It has: {', '.join(names[:12])}; name the columns of a long table with long=name:value.",
        )
    return Asked(wanted.key, time, device or None, values)


def said(error: Exception) -> str:
    """Return the first line of what the database said."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0].rstrip(".")


def _first(names: Sequence[str], among: Sequence[str]) -> str | None:
    return next((name for name in among if name in names), None)
