"""Opening the files of benchmarks, which are of all ages and manners."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.errors import InputError
from tocsin.sources import Overrides, Table, open_table

if TYPE_CHECKING:
    import polars as pl


def table_of_array(values: FloatArray, labels: BoolArray) -> Table:
    """Return a table of readings without a clock, channels ``c0``, ``c1``, … as they stand.

    Parameters
    ----------
    values
        ndarray of shape (n, channels), float64.
    labels
        ndarray of shape (n,), bool.
    """
    import polars as pl

    names = [f"c{k}" for k in range(values.shape[1])]
    frame = pl.DataFrame({name: values[:, k] for k, name in enumerate(names)} | {"label": labels.astype(np.int8)})
    return open_table(frame, overrides=exactly(names, label="label", time=()))


def exactly(
    channels: Sequence[str],
    *,
    label: str = "",
    time: tuple[str, ...] | None = None,
    time_format: str | None = None,
    device: str = "",
) -> Overrides:
    """Return how to read a table whose channels are known and whose values are taken as they are."""
    return Overrides(
        channels=tuple(channels),
        label=label,
        time=time,
        time_format=time_format,
        device=device,
        keep_sentinels=True,
    )


def columns_of(path: Path, wanted: Sequence[str], *, header: Sequence[str] | None = None) -> pl.DataFrame:
    """Return the columns of a CSV file that are needed.

    Parameters
    ----------
    path
        The file.
    wanted
        Names of columns.
    header
        Names of all columns where the file's own first line is to be passed over.

    Raises
    ------
    InputError
        If the file cannot be read as a table, or lacks a column.
    """
    import polars as pl

    try:
        if header is None:
            found = pl.read_csv(path)
        else:
            found = pl.read_csv(path, has_header=False, skip_rows=1, new_columns=list(header))
        return found.select(wanted)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{path} is not the file that was expected: {reason}.", remedy="Fetch it anew.") from None


def array_of(path: Path) -> FloatArray:
    """Return the array of a ``.npy`` file as float64.

    Raises
    ------
    InputError
        If the file is cut short, or holds something else.
    """
    try:
        values: FloatArray = np.load(path).astype(np.float64)
    except (ValueError, OSError, EOFError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(f"{path} is not the file that was expected: {reason}.", remedy="Fetch it anew.") from None
    return values


def first_rows(rows: int, count: int) -> BoolArray:
    """Return ndarray of shape (rows,), bool: True for the first ``count``."""
    return np.arange(rows) < count
