"""Writing a table back: every input column untouched and in order, what was found out beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tocsin.core.errors import InputError
from tocsin.sources.tables._require import require_polars

if TYPE_CHECKING:
    import polars as pl


def write_table(
    path: Path | str,
    columns: pl.DataFrame,
    added: Mapping[str, npt.NDArray[Any]],
    *,
    separator: str = ",",
    decimal: str = ".",
) -> None:
    """Write ``columns`` as they are, then the ``added`` ones, as Parquet or CSV by the suffix.

    Parameters
    ----------
    path
        Where to; ".parquet" and ".pq" mean Parquet.
    columns
        A table's columns as they came.
    added
        One array of shape (rows,) per new column, in order. NaN and empty text are written
        empty, bool as True and False.
    separator
        Between two fields of a CSV: the layout's, so that the file looks as it did.
    decimal
        The decimal sign of the added numbers in a CSV: the layout's too, so that the file has one.

    Raises
    ------
    InputError
        If an added column has the name of an input column, or the file cannot be written.
    """
    require_polars("Writing tables")
    path = Path(path)
    taken = [name for name in added if name in columns.columns]
    if taken:
        raise InputError(
            f"The input already has a column named {', '.join(taken)}.", remedy="Rename or remove it, then run again."
        )
    parquet = path.suffix.lower() in {".parquet", ".pq"}
    whole = columns.with_columns(column_of(name, array, text=not parquet) for name, array in added.items())
    try:
        if parquet:
            whole.write_parquet(path)
        else:
            whole.write_csv(path, separator=separator or ",", decimal_comma=decimal == ",")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.", remedy="Check the folder.") from None


def column_of(name: str, array: npt.NDArray[Any], *, text: bool) -> pl.Series:
    """Return an array as a column: NaN and empty text missing, bool spelled out where ``text`` is written."""
    import polars as pl

    if array.dtype == np.bool_ and text:
        return pl.Series(name, np.where(array, "True", "False"))
    if array.dtype.kind == "f":
        return pl.Series(name, array, nan_to_null=True)
    if array.dtype.kind in "OU":
        return pl.Series(name, [value or None for value in array.tolist()], dtype=pl.String)
    return pl.Series(name, array)
