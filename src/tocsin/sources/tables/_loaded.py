"""A table as it came, before anybody asks what its columns mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Loaded:
    """Columns as they came.

    Parameters
    ----------
    columns
        Every input column; those of a text file as text.
    name
        What to call the table in messages.
    separator, encoding
        How the text was written; "" where it was not text.
    notes
        What had to be guessed about the text.
    """

    columns: pl.DataFrame
    name: str
    separator: str = ""
    encoding: str = ""
    notes: tuple[str, ...] = ()
