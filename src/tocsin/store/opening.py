"""Opening a store: where it is, whether we understand it, and bringing it up to date."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.store.errors import StoreAway
from tocsin.store.retention import Retention

if TYPE_CHECKING:
    from sqlalchemy import URL

    from tocsin.store.store import Store

_EXAMPLES = "Write sqlite:///tocsin.db, or postgresql://user:password@host/database."
_PATIENCE_S = 10.0
"""So long it waits while another process makes the tables."""


def open_store(url: str, *, retention: Retention | None = None) -> Store:
    """Open a store, make its tables where there are none, and bring old ones up to date.

    Parameters
    ----------
    url
        ``sqlite:///file.db`` (four slashes for an absolute path) or ``postgresql://user:password@host/database``.
        ``?synchronous=normal`` behind the former is faster, and loses the last moments in a power cut.
    retention
        How long things are kept.

    Raises
    ------
    SettingError
        If the URL cannot work.
    MissingExtraError
        If a library is missing.
    StoreAway
        If the database is locked or out of reach.
    InputError
        If the file is damaged or no store, or was written by a newer tocsin.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> store = open_store(f"sqlite:///{folder}/tocsin.db")
    >>> store.claim("mqtt", "0/1", "me").epoch
    1
    >>> store.close()
    """
    parsed, synchronous = _parsed(url)
    from tocsin.store._database import Database
    from tocsin.store._failures import is_busy
    from tocsin.store._migrate import bring_up_to_date
    from tocsin.store.store import Store

    database = Database(parsed, synchronous=synchronous)
    until = time.monotonic() + _PATIENCE_S
    try:
        while True:
            try:
                bring_up_to_date(database)
                return Store(database, retention=retention)
            except StoreAway as away:
                if not is_busy(away) or time.monotonic() > until:
                    raise
                time.sleep(0.05)
    except BaseException:
        database.close()
        raise


def check_store_url(url: str) -> None:
    """Refuse a URL that no store can have; nothing is opened.

    Raises
    ------
    SettingError
        If the URL cannot work.
    MissingExtraError
        If a library is missing.

    Examples
    --------
    >>> check_store_url("mysql://host/plant")
    Traceback (most recent call last):
    tocsin.core.errors.SettingError: There is no store of the kind 'mysql'. Write sqlite:///tocsin.db, or ...
    """
    _parsed(url)


def _parsed(url: str) -> tuple[URL, str]:
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ModuleNotFoundError:
        raise MissingExtraError("A store", extra="stream", library="sqlalchemy") from None
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise SettingError(f"{url!r} is no place for a store.", remedy=_EXAMPLES) from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(parsed)
    if kind in ("postgresql", "postgres"):
        return _postgresql(parsed)
    raise SettingError(f"There is no store of the kind {kind!r}.", remedy=_EXAMPLES)


def _sqlite(url: URL) -> tuple[URL, str]:
    from pathlib import Path

    if not url.database or url.database == ":memory:" or url.host:
        raise SettingError(f"{url} names no file.", remedy=_EXAMPLES)
    folder = Path(url.database).parent
    if not folder.is_dir():
        raise SettingError(f"There is no folder {folder} for the store.", remedy="Make it, or name another.")
    query: dict[str, Any] = dict(url.query)
    synchronous = str(query.pop("synchronous", "full")).lower()
    if synchronous not in ("full", "normal") or query:
        raise SettingError(f"{url} has a setting that is not known.", remedy="There is: ?synchronous=full or normal.")
    return url.set(drivername="sqlite", query={}), synchronous


def _postgresql(url: URL) -> tuple[URL, str]:
    try:
        import psycopg  # noqa: F401  # asked for here, where it can be said which extra brings it
    except ModuleNotFoundError:
        raise MissingExtraError("A store on PostgreSQL", extra="serve", library="psycopg") from None
    return url.set(drivername="postgresql+psycopg"), "full"
