"""Giving a frame back in the kind it came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from tocsin.sources.tables._write import column_of

if TYPE_CHECKING:
    import polars as pl


def to_frame(columns: pl.DataFrame, added: Mapping[str, npt.NDArray[Any]], *, like: Any) -> Any:
    """Return ``columns`` with ``added`` beside them: a pandas or pyarrow frame where ``like`` is one, else Polars.

    A pandas frame keeps its index; the columns that it became are dropped.

    Parameters
    ----------
    columns
        A table's columns as they came.
    added
        One array of shape (rows,) per new column, in order; NaN becomes missing.
    like
        What the table was opened from.
    """
    whole = columns.with_columns(column_of(name, array, text=False) for name, array in added.items())
    library = type(like).__module__.split(".")[0]
    if library == "pandas":
        from tocsin.sources.tables._frames import index_levels

        return whole[:, index_levels(like) :].to_pandas().set_axis(like.index, axis=0)
    return whole.to_arrow() if library == "pyarrow" else whole
