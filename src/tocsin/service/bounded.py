"""Tables that were sent are read within bounds: a few kilobytes of Parquet can unpack to more than any memory holds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import InputError
from tocsin.service.settings import Limits
from tocsin.sources import Overrides, load_columns

if TYPE_CHECKING:
    from tocsin.sources import Loaded

COLUMNS = 10_000
"""Of a table; each of them is looked at by itself."""

_CELL = 16
"""Bytes that a cell takes at least while its text is read."""

_PER_BYTE = 4
"""Bytes in memory that a table may take for each byte that an upload may have."""

_PROGRAM, _SECONDS = 2 << 30, 60
"""Address space and time for reading Parquet, beside the table's own."""

_PIECE = 1 << 24
_REMEDY = "Send a part of it."


def load_bounded(path: Path, *, limits: Limits, overrides: Overrides = Overrides()) -> Loaded:  # noqa: B008  # frozen
    """Return the columns of a file that somebody has sent, as :func:`tocsin.sources.load_columns` does.

    Parameters
    ----------
    path
        The file.
    limits
        How much is taken on.
    overrides
        Of these, separator and encoding count.

    Raises
    ------
    InputError
        If it cannot be read as a table, or has more rows, columns or cells than are taken on.
    """
    most = _PER_BYTE * limits.body_bytes
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    if parquet:
        _try_parquet(path, limits, most)
    else:
        _refuse_cells(path, most)
    loaded = load_columns(path, overrides=overrides)
    columns = loaded.columns
    _refuse(path, limits, most, rows=columns.height, columns=columns.width, taken=int(columns.estimated_size()))
    return loaded


def _refuse(path: Path, limits: Limits, most: int, *, rows: int, columns: int, taken: int) -> None:
    if rows > limits.rows:
        raise InputError(f"{path} has {rows:,} rows; {limits.rows:,} are taken on.", remedy=_REMEDY)
    if columns > COLUMNS:
        raise InputError(f"{path} has {columns:,} columns; {COLUMNS:,} are taken on.", remedy=_REMEDY)
    if taken > most:
        raise _too_large(path, most)


def _too_large(path: Path, most: int) -> InputError:
    return InputError(f"{path} takes more than {most >> 20:,} MiB of memory once it is read.", remedy=_REMEDY)


def _refuse_cells(path: Path, most: int) -> None:
    """Refuse a text with so many cells that reading it would take too much; a small one cannot have them."""
    if path.stat().st_size * _CELL <= most:
        return
    counts = dict.fromkeys((b"\n", b",", b";", b"\t", b"|"), 0)
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            counts = {sign: count + piece.count(sign) for sign, count in counts.items()}
    if _CELL * (counts.pop(b"\n") + max(counts.values())) > most:
        raise _too_large(path, most)


def _try_parquet(path: Path, limits: Limits, most: int) -> None:
    """Have a file read in a process that may take neither much memory nor much time."""
    command = [sys.executable, "-m", "tocsin.service.bounded", str(path), str(most + _PROGRAM)]
    alone = {**os.environ, "POLARS_MAX_THREADS": "1"}
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=alone, timeout=_SECONDS, check=False
        )
        told = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise _too_large(path, most) from None
    if told:
        _refuse(path, limits, most, **told)


def main(path: Path, memory: int) -> None:
    """Read a Parquet file; say how large it is, or nothing where it is none."""
    import resource

    import polars as pl

    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        columns = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError):
        told = {}
    else:
        told = {"rows": columns.height, "columns": columns.width, "taken": int(columns.estimated_size())}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
