"""Inserts that say what becomes of rows that are there already, built once for each kind of database."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Table


@cache
def put_new(table: Table, kind: str) -> Any:
    """Return an insert into a table of a database of a ``kind`` that leaves rows alone that are there."""
    return _insert(table, kind).on_conflict_do_nothing()


@cache
def put_over(table: Table, kind: str, *, kept: frozenset[str] = frozenset(), newer: str = "") -> Any:
    """Return an insert that writes over rows that are there.

    Parameters
    ----------
    table
        Into what.
    kind
        "sqlite" or "postgresql".
    kept
        Columns beside the key that stay as they are.
    newer
        A column that must grow, else the row stays as it is.
    """
    put = _insert(table, kind)
    key = [column.name for column in table.primary_key]
    values = {column.name: put.excluded[column.name] for column in table.c if column.name not in {*key, *kept}}
    grows = None if not newer else put.excluded[newer] > table.c[newer]
    return put.on_conflict_do_update(index_elements=key, set_=values, where=grows)


@cache
def put_seen(table: Table, kind: str, *, name: tuple[str, ...], seen: str) -> Any:
    """Return an insert that of rows with a ``name`` that is there changes nothing but the column ``seen``."""
    put = _insert(table, kind)
    return put.on_conflict_do_update(index_elements=list(name), set_={seen: put.excluded[seen]})


def _insert(table: Table, kind: str) -> Any:
    """Return an insert of a dialect, which is imported only where it is spoken."""
    from importlib import import_module

    return import_module(f"sqlalchemy.dialects.{kind}").insert(table)
