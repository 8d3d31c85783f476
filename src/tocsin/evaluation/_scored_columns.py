"""Columns of a scored table as arrays, one entry a reading, whatever the file's way of writing numbers and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.sources import Table

if TYPE_CHECKING:
    import polars as pl

_TRUE = frozenset(("1", "1.0", "true", "t", "yes", "y"))
_FALSE = frozenset(("0", "0.0", "false", "f", "no", "n"))


def numbers_in(table: Table, name: str, what: str) -> FloatArray:
    """Return a column as ndarray of shape (readings,), float64; NaN where it is empty.

    Raises
    ------
    InputError
        If there is no such column, or it holds text.
    """
    import polars as pl

    column = _column(table, name, what)
    numbers = _worded(table, column).cast(pl.Float64, strict=False) if column.dtype == pl.String else column
    if column.dtype == pl.String and (bad := _worded(table, column).is_not_null() & numbers.is_null()).any():
        row = int(bad.arg_max() or 0)
        raise InputError(
            f"Column {name!r} should hold {what}, but row {row + 1:,} holds {column[row]!r}.",
            remedy="Name the right column, or mend the file.",
        )
    if not (numbers.dtype.is_numeric() or numbers.dtype in (pl.Boolean, pl.Null)):
        raise InputError(
            f"Column {name!r} should hold {what}, but it is of type {column.dtype}.", remedy="Name another."
        )
    return np.array(numbers.cast(pl.Float64).to_numpy(), np.float64)[_first_rows(table)]


def flags_in(table: Table, name: str) -> BoolArray:
    """Return a column of 0 and 1, or of true and false, as ndarray of shape (readings,), bool; empty means False.

    Raises
    ------
    InputError
        If there is no such column, or it holds anything else.
    """
    import polars as pl

    column = _column(table, name, "flags")
    if column.dtype == pl.Boolean:
        return np.asarray(column.fill_null(value=False).to_numpy())[_first_rows(table)]
    words = _worded(table, column.cast(pl.String)).str.to_lowercase()
    odd = words.drop_nulls().filter(~words.drop_nulls().is_in(sorted(_TRUE | _FALSE)))
    if len(odd):
        raise InputError(
            f"Column {name!r} should hold flags, but holds {odd[0]!r}.", remedy="Use 0 and 1, or true and false."
        )
    return np.asarray(words.is_in(sorted(_TRUE)).fill_null(value=False).to_numpy())[_first_rows(table)]


def named_in(table: Table, name: str) -> BoolArray:
    """Return which readings have a text in a column, ndarray of shape (readings,), bool."""
    import polars as pl

    named = table.columns[name].cast(pl.String).fill_null("").str.strip_chars() != ""
    return np.asarray(named.to_numpy())[_first_rows(table)]


def _column(table: Table, name: str, what: str) -> pl.Series:
    if name not in table.columns.columns:
        raise InputError(
            f"There is no column {name!r} to take {what} from.",
            remedy="Write one with: tocsin score ARTIFACT READINGS -o scored.csv; or name yours: --score, --flag.",
        )
    return table.columns[name]


def _worded(table: Table, column: pl.Series) -> pl.Series:
    """Return text without blanks, null where it means missing, with a point as the decimal sign."""
    words = column.str.strip_chars()
    words = words.set(words.is_in(list(table.layout.missing)).fill_null(value=False), None)
    return words.str.replace(",", ".", literal=True) if table.layout.decimal == "," else words


def _first_rows(table: Table) -> IntArray:
    """Return an input row of each reading; in long form several rows make one, and say the same of it."""
    row = np.zeros(len(table), np.int64)
    held = np.flatnonzero(table.reading >= 0)
    row[table.reading[held]] = held
    return row
