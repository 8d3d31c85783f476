"""The first rows of a file and what its columns hold, as text: also, as far as may be, of one that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.sources import kinds_of_columns

if TYPE_CHECKING:
    import polars as pl

    from tocsin.sources import Loaded

ROWS, WIDTH, TEXT, SAMPLE = 12, 60, 80, 5
"""Rows, columns, characters of a cell, and values of a column that are shown."""

_HEAD_BYTES = 16_384
_FOREIGN = (b"PK\x03\x04", b"PAR1", b"\x1f\x8b")


def preview_of(columns: pl.DataFrame) -> dict[str, Any]:
    """Return the columns' names and their first rows."""
    head = columns.head(ROWS)
    return {
        "columns": head.columns[:WIDTH],
        "rows": [[_cell(value) for value in row[:WIDTH]] for row in head.iter_rows()],
    }


def raw_preview(path: Path) -> dict[str, Any]:
    """Return the first lines of a text that cannot be split, in one column; nothing of what is no text."""
    with path.open("rb") as file:
        raw = file.read(_HEAD_BYTES)
    if b"\x00" in raw or raw.startswith(_FOREIGN):
        return {"columns": [], "rows": []}
    lines = raw.decode("utf-8-sig", errors="replace").splitlines()[:ROWS]
    return {"columns": ["text"] if lines else [], "rows": [[_cell(line)] for line in lines]}


def columns_of(loaded: Loaded) -> list[dict[str, Any]]:
    """Return name, kind and some values of each column; see :func:`tocsin.sources.kinds_of_columns`."""
    kinds = kinds_of_columns(loaded)
    return [
        {"name": column.name, "kind": kinds[column.name], "sample": _sample(column)}
        for column in loaded.columns.iter_columns()
    ]


def _sample(column: pl.Series) -> list[str | None]:
    return [_cell(value) for value in column.head(200).drop_nulls().unique(maintain_order=True).head(SAMPLE).to_list()]


def _cell(value: Any) -> str | None:
    text = None if value is None else str(value)
    return text if text is None or len(text) <= TEXT else text[: TEXT - 1] + "…"
