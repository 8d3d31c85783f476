"""Files that say from when to when something was wrong: two times a line, and whatever stands behind them."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError
from tocsin.sources.tables._clock import clock_in
from tocsin.sources.tables._layout import MISSING
from tocsin.sources.tables._profile import profile_of
from tocsin.sources.tables._times import parse_times


def periods_in(path: Path, *, timezone: str) -> list[tuple[int, int]]:
    """Return the periods in a file; see :func:`tocsin.sources.read_periods`."""
    rows = _rows(path)
    starts, ends = _times([row[0] for row in rows], path, timezone), _times([row[1] for row in rows], path, timezone)
    first = 1 if starts and NEVER in (starts[0], ends[0]) else 0
    periods = list(zip(starts, ends, strict=True))[first:]
    for number, (start, end) in enumerate(periods, first + 1):
        if NEVER in (start, end):
            raise InputError(f"{path}, line {number}: one of the first two entries is no time.", remedy="Correct it.")
        if end < start:
            raise InputError(f"{path}, line {number}: the end lies before the start.", remedy="Exchange them.")
    return periods


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}.", remedy="Give a CSV file.") from None
    if any(len(row) < 2 for row in rows):
        raise InputError(f"{path} has a line without two times.", remedy="Write start,end on each line.")
    return rows


def _times(texts: list[str], path: Path, timezone: str) -> list[int]:
    """Return the times, however they are written; the first may be a header."""
    if not texts:
        return []
    column = pl.Series("time", texts, pl.String)
    body = column if len(column) == 1 else column[1:]
    clock = clock_in([profile_of(body, decimal=".", missing=MISSING)])
    if clock is None:
        raise InputError(f"The times in {path} cannot be read.", remedy="Write them as 2026-03-01T08:00:00Z.")
    return [int(time) for time in parse_times([column], clock.time_format, timezone=timezone)]
