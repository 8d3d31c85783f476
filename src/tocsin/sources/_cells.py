"""Rows of a database, as readings: cells of whatever type the database has."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Expected
from tocsin.sources._arrived import heard
from tocsin.sources._polled_table import Asked
from tocsin.sources.payloads._numbers import read_numbers
from tocsin.sources.payloads._when import read_times
from tocsin.sources.tables._devices import NO_DEVICE
from tocsin.sources.tables._layout import MISSING
from tocsin.sources.tables._long import widen
from tocsin.sources.tables._times import parse_times

_KEPT = 4096


class Cells:
    """Turns rows into readings.

    Parameters
    ----------
    asked
        Which column is what; a row has its cells in that order.
    expect
        What is known of the readings.
    long
        Are the two last cells a channel's name and its value?
    origin
        What to call the table in messages.

    Examples
    --------
    >>> cells = Cells(Asked("id", "t", None, ("temp",)), Expected(), long=False, origin="readings")
    >>> arrivals, dead = cells.read([(1, "2026-01-01 00:00", 21.5), (2, "2026-01-01 00:01", "hot")])
    >>> arrivals.values.tolist(), dead[0].origin
    ([[21.5]], 'readings, id 2')
    """

    def __init__(self, asked: Asked, expect: Expected, *, long: bool, origin: str) -> None:
        self._asked, self._expect, self._long, self._origin = asked, expect, long, origin
        self._missing = frozenset((*MISSING, *expect.missing))
        self._place = {name: k for k, name in enumerate(asked.columns)}

    def read(self, rows: Sequence[Sequence[Any]]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in rows, one at least, in order, and the rows that mean nothing."""
        cells = list(zip(*rows, strict=True))
        asked, now = self._asked, time.time_ns()
        device, devices = self._owners(cells, len(rows))
        stamps = np.full(len(rows), now)
        if asked.time:
            stamps = times_of(cells[self._place[asked.time]], self._expect)
        wide, wrong = self._numbers(cells)
        dead = tuple(self._dead(rows[k], reason, now) for k, reason in sorted(wrong.items()))
        channels, keep = asked.values, np.isin(np.arange(len(rows)), list(wrong), invert=True)
        if self._long:
            names = [_text(cell) for cell in cells[self._place[asked.values[0]]]]
            channels = self._expect.channels or tuple(sorted(set(names)))
            _, first, wide = widen(
                pl.Series(names, dtype=pl.String), wide[0], device=device, time=stamps, channels=channels
            )
            device, stamps, keep = device[first], stamps[first], np.any(~np.isnan(wide), axis=0)
        whole = Arrivals(devices, channels, device, stamps, np.ascontiguousarray(wide.T), heard(stamps, now))
        return (whole if keep.all() else whole.take(keep)), dead

    def _owners(self, cells: Sequence[Sequence[Any]], count: int) -> tuple[IntArray, tuple[str, ...]]:
        if self._asked.device is None:
            return np.zeros(count, np.int64), (NO_DEVICE,)
        places: dict[str, int] = {}
        names = (_text(cell) or NO_DEVICE for cell in cells[self._place[self._asked.device]])
        found = np.array([places.setdefault(name, len(places)) for name in names], np.int64)
        return found, tuple(places)

    def _numbers(self, cells: Sequence[Sequence[Any]]) -> tuple[FloatArray, dict[int, str]]:
        """Return ndarray of shape (channels, rows), and why some rows mean nothing."""
        columns, wrong = [], dict[int, str]()
        for name in self._asked.values[1:] if self._long else self._asked.values:
            own = cells[self._place[name]]
            numbers, places = read_numbers(
                [float(cell) if isinstance(cell, Decimal) else cell for cell in own], self._missing
            )
            columns.append(numbers)
            for k in places:
                wrong.setdefault(k, f"{name} is {own[k]!r}, which is no number.")
        return np.stack(columns), wrong

    def _dead(self, row: Sequence[Any], reason: str, now: int) -> DeadLetter:
        key = row[self._place[self._asked.key]]
        return DeadLetter(f"{self._origin}, {self._asked.key} {key}", repr(tuple(row)).encode()[:_KEPT], reason, now)


def times_of(cells: Sequence[Any], expect: Expected) -> IntArray:
    """Return ndarray of shape (rows,), int64: ns since the epoch, UTC; NEVER where a time cannot be read.

    >>> from datetime import datetime
    >>> times_of([datetime(1970, 1, 1, 0, 0, 1), None], Expected())[:1].tolist()
    [1000000000]
    """
    if all(cell is None or isinstance(cell, datetime) for cell in cells):
        if all(cell is None for cell in cells):
            return np.full(len(cells), NEVER)
        return parse_times([pl.Series(cells)], "iso", timezone=expect.timezone)
    plain = [float(cell) if isinstance(cell, Decimal) else cell for cell in cells]
    return read_times([str(cell) if isinstance(cell, date) else cell for cell in plain], expect)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()
