"""Variables as Azure's clients have them: columns of one table, a file each, or lists in a request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.service.azure.asked import VariableValues
from tocsin.service.azure.errors import CodedError, coded
from tocsin.sources import Overrides, Table, load_columns, understand

if TYPE_CHECKING:
    from tocsin.sources import Loaded

TIME, VALUE = "timestamp", "value"


@dataclass(frozen=True, eq=False)
class Variable:
    """One measured quantity.

    Parameters
    ----------
    name
        What it is called.
    time
        ndarray of shape (n,), int64, ns since the epoch.
    values
        ndarray of shape (n,), float64; NaN where missing.
    """

    name: str
    time: IntArray
    values: FloatArray


def variables_in(place: Path, schema: Literal["OneTable", "MultiTable"]) -> list[Variable]:
    """Return the variables in a file or folder, in order of name where each has a file.

    Raises
    ------
    CodedError
        If they cannot be read.
    """
    if schema == "OneTable":
        return _one_table(place)
    files = sorted(file for file in place.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    if not files:
        raise CodedError("NoVariablesFound", f"No variables found: the folder {place.name} holds no CSV file.")
    found = [_read(_loaded(file), file.name, (VALUE,)) for file in files]
    return [_renamed(table, file.stem) for table, file in zip(found, files, strict=True)]


def variables_of(asked: Sequence[VariableValues]) -> list[Variable]:
    """Return the variables of a request.

    Raises
    ------
    CodedError
        If they cannot be understood.
    """
    if not asked:
        raise CodedError("NoVariablesFound", "No variables found: the list is empty.")
    if repeated := [name for name, many in Counter(own.variable for own in asked).items() if many > 1]:
        raise CodedError(
            "DuplicatedVariables", f"There are multiple variables with the same name: {repeated[0][:100]}."
        )
    for own in asked:
        if len(own.timestamps) != len(own.values):
            raise _unlike(own)
    if all(own.timestamps == asked[0].timestamps for own in asked):
        return _side_by_side(asked)
    return [variable for own in asked for variable in _side_by_side([own])]


def _unlike(own: VariableValues) -> CodedError:
    return CodedError(
        "VariableParseError",
        f"Variable {own.variable[:100]} has {len(own.timestamps)} timestamps and {len(own.values)} values.",
    )


def _side_by_side(asked: Sequence[VariableValues]) -> list[Variable]:
    """Return variables that share their times."""
    import polars as pl

    if len(asked[0].timestamps) < 2:
        raise CodedError("NotEnoughInput", f"Not enough data. Variable {asked[0].variable[:100]} has less than two.")
    time = pl.Series(TIME, asked[0].timestamps, pl.String)
    values = [pl.Series(f"{k}", own.values, pl.Float64) for k, own in enumerate(asked)]
    table = _read(
        load_columns(pl.DataFrame([time, *values])), "the request", tuple(f"{k}" for k in range(len(asked))), "iso"
    )
    columns = table.readings.values
    return [Variable(own.variable, table.readings.time, columns[:, k]) for k, own in enumerate(asked)]


def _one_table(file: Path) -> list[Variable]:
    loaded = _loaded(file)
    channels = tuple(name for name in loaded.columns.columns if name != TIME)
    if not channels:
        raise CodedError("NoVariablesFound", f"No variables found: {file.name} has no column beside {TIME}.")
    table = _read(loaded, file.name, channels)
    values = table.readings.values
    return [Variable(name, table.readings.time, values[:, k]) for k, name in enumerate(table.readings.schema.names)]


def _loaded(file: Path) -> Loaded:
    try:
        return load_columns(file)
    except InputError as error:
        message = str(error).replace(str(file), file.name)
        raise CodedError("ReadingFileError", f"Errors occurred when reading {file.name}. {message}") from None


def _read(loaded: Loaded, name: str, channels: tuple[str, ...], time_format: str | None = None) -> Table:
    there = set(loaded.columns.columns)
    if TIME not in there or not there.issuperset(channels):
        raise CodedError("FileColumnsNotExist", f"Columns {TIME} or {VALUE} in file {name} do not exist.")
    said: dict[str, Any] = {"time": (TIME,), "device": "", "label": "", "channels": channels, "keep_sentinels": True}
    try:
        table = understand(loaded, overrides=Overrides(**said, time_format=time_format))
    except InputError as error:
        message = str(error).replace(loaded.name, name)
        raise coded(InputError(f"{name}: {message}"), "VariableParseError") from None
    if unread := int(np.count_nonzero(table.readings.time == NEVER)):
        raise CodedError(
            "InvalidTimestampFormat",
            f"Invalid timestamp format. {unread} of {len(table)} times in {name} cannot be read, or lie far off.",
        )
    return table


def _renamed(table: Table, name: str) -> Variable:
    return Variable(name, table.readings.time, table.readings.values[:, 0])
