"""Taking over frames of other libraries: Polars as it is, pandas and pyarrow through narwhals."""

from __future__ import annotations

from typing import Any

import polars as pl

from tocsin.core.errors import InputError, MissingExtraError

_REMEDY = "Give a path, or a pandas, Polars or pyarrow frame."


def frame_columns(frame: Any) -> pl.DataFrame:
    """Return the columns of ``frame``; a named or temporal pandas index becomes the first column.

    Raises
    ------
    InputError
        If it is no frame, or holds something that is no column of values.
    MissingExtraError
        If narwhals is not installed and the frame is not Polars' own.
    """
    if isinstance(frame, pl.LazyFrame):
        return _collected(frame)
    columns = frame if isinstance(frame, pl.DataFrame) else _foreign(frame)
    if not columns.width:
        raise InputError("The table has no columns.", remedy="Give a table with at least one channel.")
    return columns


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    columns = frame.collect()
    assert isinstance(columns, pl.DataFrame)
    return columns


def _foreign(frame: Any) -> pl.DataFrame:
    try:
        import narwhals as nw
    except ImportError:
        raise MissingExtraError("Reading this frame", extra="files", library="narwhals") from None
    if type(frame).__module__.split(".")[0] == "pandas":
        frame = _flat(frame)
    try:
        columns: pl.DataFrame = nw.from_native(frame, eager_only=True).to_polars()
    except TypeError as error:
        if hasattr(frame, "columns"):
            raise InputError(f"The frame cannot be taken over: {error}.", remedy=_REMEDY) from None
        raise InputError(f"A {type(frame).__name__} is no table.", remedy=_REMEDY) from None
    except Exception as error:  # each library raises its own kind for columns of mixed types
        reason = str(error).splitlines()[0]
        raise InputError(f"The frame cannot be taken over: {reason}.", remedy=_REMEDY) from None
    return columns


def _flat(frame: Any) -> Any:
    """Return a pandas frame whose columns have text as names, values of one kind each, and whose index is gone."""
    if not hasattr(frame, "columns"):
        raise InputError("A pandas Series is no table.", remedy="Give a frame: series.to_frame().")
    flat = frame.reset_index() if index_levels(frame) else frame
    names = [str(name) for name in flat.columns]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise InputError(f"More than one column is named {', '.join(repeated)}.", remedy="Rename the columns.")
    flat = flat.set_axis(names, axis=1)
    return flat.assign(**{name: flat[name].map(str, na_action="ignore") for name in names if _is_mixed(flat[name])})


def index_levels(frame: Any) -> int:
    """Return how many columns the index of a pandas frame becomes: none if it has neither name nor times."""
    telling = frame.index.names != [None] or type(frame.index).__name__ in {"DatetimeIndex", "PeriodIndex"}
    return frame.index.nlevels if telling else 0


def _is_mixed(column: Any) -> bool:
    return str(column.dtype) == "object" and len({type(value) for value in column.dropna()}) > 1
