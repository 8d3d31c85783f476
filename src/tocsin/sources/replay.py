"""Readings from a finished file, as if they came now: to rehearse a watch, or to judge a history by what is live."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tocsin.core.addresses import Address
from tocsin.core.arrays import IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Batch, Expected, Lanes, Position, Source
from tocsin.sources._expected_table import expected_table
from tocsin.sources._tail_settings import pair
from tocsin.sources.tables._table import Table

_EXAMPLE = "replay:readings.csv?speed=10"


@dataclass(frozen=True)
class _ReplaySettings:
    """Settings behind the ``?`` of a file that is replayed.

    Parameters
    ----------
    speed
        So many seconds of the readings go by in one; 0 for as fast as it goes.
    order
        "time": across devices, as they would have come. "file": as they stand.
    device
        The column that names the device; empty for none.
    long
        In long form the columns with the channel's name and its value.
    """

    speed: float = 0.0
    order: Literal["time", "file"] = "time"
    device: str = "…"
    long: str = ""

    def __post_init__(self) -> None:
        if not self.speed >= 0:
            raise SettingError(f"A speed of {self.speed:g} is no speed.", remedy="Give 1, 60, or 0 for no waiting.")
        pair(self.long)


class Replay(Source):
    """A CSV or Parquet file, read as ``tocsin score`` reads it, given out in order of time at any speed.

    A reading arrives when it was taken. The file is held in memory.

    Parameters
    ----------
    path
        The file.
    settings
        How to replay it.
    expect
        What is known of the readings.

    Examples
    --------
    >>> Replay.parse("readings.csv?speed=60", Expected()).settings.speed
    60.0
    """

    replayable = True
    live = False
    promise = "Nothing is lost: it goes on where it was stopped, as long as the file is the same."

    def __init__(self, path: Path, *, settings: _ReplaySettings, expect: Expected) -> None:
        self.path, self.settings, self._expect = path, settings, expect
        self._row = 0
        self._arrivals = Arrivals.none()
        self._due: IntArray = np.zeros(0, np.int64)
        self._began: float | None = None

    @classmethod
    def parse(cls, text: str, expect: Expected) -> Replay:
        """Return the source written as ``readings.csv?speed=10``.

        Raises
        ------
        SettingError
            If it cannot work.
        """
        path, _, query = text.removeprefix("//").partition("?")
        if not path:
            raise SettingError("The file is missing.", remedy=f"Name one, such as {_EXAMPLE}")
        settings = Address.parse(f"//-?{query}", port=1, example=_EXAMPLE).settings(_ReplaySettings)
        return cls(Path(path), settings=settings, expect=expect)

    def open(self, lanes: Lanes) -> None:
        """Read the file, and go on at the row where it was left.

        Raises
        ------
        InputError
            If it cannot be read, or holds none of the channels wanted.
        MissingExtraError
            If Polars is not installed.
        """
        known = lanes.assigned("")
        device = None if self.settings.device == "…" else self.settings.device
        table = expected_table(self.path, self._expect, device=device, long=pair(self.settings.long))
        self._arrivals = _in_order(table, by_time=self.settings.order == "time")
        self._row = 0 if known is None else _row_in(known, len(self._arrivals))
        paced = self.settings.speed > 0 and table.layout.time_format != "row"
        self._due = np.maximum.accumulate(self._arrivals.arrived) if paced else np.zeros(0, np.int64)

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return the readings that are due by now; None after the last one."""
        rest = len(self._arrivals) - self._row
        if not rest:
            return None
        count = min(max_rows, rest, self._due_within(timeout_s))
        part = self._arrivals.take(slice(self._row, self._row + count))
        self._row += count
        return Batch(part, Position(str(self._row)), waiting=rest - count)

    def commit(self, lane: str, position: Position) -> None:
        """Take note; the file keeps what it holds."""

    def _due_within(self, timeout_s: float) -> int:
        """Wait for the next reading, but not longer than we may; return how many are due then."""
        if not len(self._due):
            return len(self._arrivals)
        now = time.monotonic()
        if self._began is None:
            self._began, self._origin = now, int(self._due[self._row])
        next_s = self._began + (int(self._due[self._row]) - self._origin) / (self.settings.speed * 1e9)
        if next_s > now:
            time.sleep(min(next_s - now, timeout_s))
            now = time.monotonic()
        upto = self._origin + int((now - self._began) * self.settings.speed * 1e9)
        return int(np.searchsorted(self._due, upto, side="right")) - self._row


def _in_order(table: Table, *, by_time: bool) -> Arrivals:
    readings = table.readings
    order = np.argsort(readings.time, kind="stable") if by_time else np.arange(len(readings))
    readings = readings.take(order)
    return Arrivals(
        table.devices,
        readings.schema.names,
        readings.device,
        readings.time,
        readings.values,
        arrived=readings.time,
    )


def _row_in(known: Position, rows: int) -> int:
    if not known.value.isdecimal() or int(known.value) > rows:
        raise InputError(
            f"The replay stopped at row {known.value}, but the file has {rows:,} readings.",
            remedy="Replay the same file, or start anew.",
        )
    return int(known.value)
