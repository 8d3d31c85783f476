"""Bringing the tables of a store up to date, once, also where several processes open it at the same time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect

from tocsin.core.errors import InputError, SettingError
from tocsin.store._database import Database
from tocsin.store._tables import TABLES

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

NEWEST = "0002"
"""The last step in the folder; where a store stands there, nothing needs to be read or imported."""
_VERSION = "alembic_version"
_VERSIONS = (
    f"CREATE TABLE {_VERSION} (version_num VARCHAR(32) NOT NULL, CONSTRAINT {_VERSION}_pkc PRIMARY KEY (version_num))"
)
_STEPS = Path(__file__).with_name("migrations")


def bring_up_to_date(database: Database, *, upto: str = NEWEST) -> None:
    """Make or change the tables, so that they are as this tocsin knows them.

    Raises
    ------
    InputError
        If a newer tocsin has written it, or another program.
    """
    with database.reading() as connection:
        if _version(connection) == upto:
            return
    database.prepare()
    with database.writing() as connection:
        database.alone(connection)
        held = _version(connection)
        if held is None and upto == NEWEST and database.embedded:
            _make(connection)
        elif held != upto:
            _step(connection, database.place, held=held, upto=upto)


def _make(connection: Connection) -> None:
    """Make the tables of a new file at once: an edge box is spared the time and the memory that alembic takes."""
    TABLES.create_all(connection)
    connection.exec_driver_sql(_VERSIONS)
    connection.exec_driver_sql(f"INSERT INTO {_VERSION} VALUES ('{NEWEST}')")


def _check_encoding(connection: Connection, place: str) -> None:
    if connection.dialect.name == "postgresql":
        encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise SettingError(
                f"The database of {place} keeps text as {encoding}, which cannot hold every name.",
                remedy="Make one with: CREATE DATABASE tocsin ENCODING 'UTF8' TEMPLATE template0",
            )


def _version(connection: Connection) -> str | None:
    tables = inspect(connection).get_table_names()
    if _VERSION not in tables:
        if "lanes" in tables:
            raise InputError("The database is another program's.", remedy="Name another database.")
        return None
    version = connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar()
    return None if version is None else str(version)


def _step(connection: Connection, place: str, *, held: str | None, upto: str) -> None:
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    scripts = _scripts()
    steps = [step for step in reversed(list(scripts.walk_revisions())) if step.revision <= upto]
    known = [step.revision for step in steps]
    _check_encoding(connection, place)
    if held is not None and held not in known:
        raise InputError(
            f"The store {place} was written by a newer tocsin: its tables are of version {held}, known is {upto}.",
            remedy="Update tocsin with: pip install --upgrade tocsin; or name another store.",
        )
    context = MigrationContext.configure(connection)
    with Operations.context(context):
        for step in steps[known.index(held) + 1 if held else 0 :]:
            step.module.upgrade()
            context.stamp(scripts, step.revision)


def _scripts() -> ScriptDirectory:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_STEPS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)
