"""What a single column holds, whatever it is called: numbers, text, or both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from tocsin.core.arrays import FloatArray

_PAIRS = (
    ("off", "on"), ("low", "high"), ("false", "true"), ("closed", "open"), ("close", "open"), ("no", "yes"),
    ("inactive", "active"), ("stopped", "running"),
)  # fmt: skip
"""Two-state texts that become 0 and 1: the pair alone decides, never what else is in the file."""


@dataclass(frozen=True, eq=False)
class Profile:
    """What a column holds.

    Parameters
    ----------
    name
        The column's name.
    column
        The column as it came.
    kind
        "number", "states" (a two-state text such as on and off), "text", "mixed" (mostly numbers, some text), "time"
        (of a temporal type), "empty", or "other" (a type that holds no single value).
    words
        The text without blanks around it, null where missing; None where the column is no text.
    numbers
        Float64, null where missing or not a number; None where nothing is a number.
    """

    name: str
    column: pl.Series
    kind: Literal["number", "states", "text", "mixed", "time", "empty", "other"]
    words: pl.Series | None = None
    numbers: pl.Series | None = None

    @property
    def numeric(self) -> bool:
        """True if every value that is not missing stands for a number."""
        return self.kind in {"number", "states", "empty"}

    def values(self) -> FloatArray:
        """Return ndarray of shape (rows,), float64: a copy, NaN where missing, infinities kept."""
        if self.numbers is None:
            return np.full(len(self.column), np.nan)
        return self.numbers.to_numpy(writable=True)

    def spelled(self) -> pl.Series:
        """Return the values as text, null where missing."""
        return self.words if self.words is not None else self.column.cast(pl.String).str.strip_chars()

    def first_text(self) -> tuple[int, str, int]:
        """Return the first row (from 0) with a text that is no number, that text, and how many there are."""
        assert self.words is not None
        number = self.numbers if self.numbers is not None else pl.Series([None] * len(self.words), dtype=pl.Float64)
        rows = (self.words.is_not_null() & number.is_null()).arg_true()
        return int(rows[0]), str(self.words[int(rows[0])]), len(rows)

    def texts(self, most: int) -> list[str]:
        """Return different texts that are no numbers, in order of first appearance."""
        assert self.words is not None
        words = self.words if self.numbers is None else self.words.filter(self.numbers.is_null())
        return [str(text) for text in words.drop_nulls().unique(maintain_order=True).head(most)]


def profile_of(column: pl.Series, *, decimal: str, missing: Sequence[str]) -> Profile:
    """Return what ``column`` holds.

    Parameters
    ----------
    column
        A column as it came.
    decimal
        "." or ",".
    missing
        Texts that mean "missing".
    """
    kind = column.dtype
    if kind.is_numeric() or kind == pl.Boolean:
        numbers = column.cast(pl.Float64)
        return Profile(column.name, column, "number" if numbers.count() else "empty", numbers=numbers)
    if kind.is_temporal():
        return Profile(column.name, column, "time" if column.count() else "empty")
    if kind == pl.Null:
        return Profile(column.name, column, "empty")
    if kind not in (pl.String, pl.Categorical, pl.Enum):
        return Profile(column.name, column, "other")
    return _text(column if kind == pl.String else column.cast(pl.String), decimal, missing)


def _text(column: pl.Series, decimal: str, missing: Sequence[str]) -> Profile:
    numbers = column.cast(pl.Float64, strict=False)
    if 0 < numbers.count() == column.count():
        return Profile(column.name, column, "number", numbers=numbers)
    words = stripped(column, missing)
    numbers = (words.str.replace(",", ".", literal=True) if decimal == "," else words).cast(pl.Float64, strict=False)
    filled, numeric = words.count(), numbers.count()
    if not filled:
        return Profile(column.name, column, "empty")
    if numeric == filled:
        return Profile(column.name, column, "number", words, numbers)
    if not numeric and (states := _states(words)) is not None:
        return Profile(column.name, column, "states", words, states)
    return Profile(column.name, column, "mixed" if 2 * numeric > filled else "text", words, numbers)


def stripped(column: pl.Series, missing: Sequence[str]) -> pl.Series:
    """Return text without blanks around it, null where it means "missing"."""
    words = pl.col(column.name).str.strip_chars()
    gone = words.is_in(pl.Series(list(missing), dtype=pl.String).implode())
    return column.to_frame().select(pl.when(~gone).then(words).alias(column.name)).to_series()


def _states(words: pl.Series) -> pl.Series | None:
    if words.head(1000).drop_nulls().str.to_lowercase().n_unique() > 2:
        return None
    lower = words.str.to_lowercase()
    seen = set(lower.drop_nulls().unique())
    for pair in _PAIRS:
        if seen <= set(pair):
            return lower.eq(pair[1]).cast(pl.Float64)
    return None
