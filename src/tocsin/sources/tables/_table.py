"""A table of readings, opened and understood."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, IntArray
from tocsin.core.readings import Readings
from tocsin.sources.tables._cadence import Cadence
from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._quality import Quality

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Table:
    """Readings from a file or frame, with what was understood of it and what is odd about it.

    Parameters
    ----------
    readings
        The readings in the file's order; ``row`` is the input row (in long form the first of those that make it up).
    labels
        ndarray of shape (readings,), bool, or None where there is no label: is the reading marked as an anomaly?
    layout
        What each column is.
    quality
        What is odd.
    devices
        Names of the devices, by index; ("-",) where no column names them.
    columns
        Every input column as it came (text stays text), one line per input row.
    reading
        ndarray of shape (input rows,), int64: the reading that each input row belongs to, -1 for none.
    """

    readings: Readings
    labels: BoolArray | None
    layout: Layout
    quality: Quality
    devices: tuple[str, ...]
    columns: pl.DataFrame
    reading: IntArray

    def __len__(self) -> int:
        return len(self.readings)

    @property
    def cadence(self) -> Cadence:
        """How often readings come."""
        return self.quality.cadence

    def in_time_order(self) -> Table:
        """Return the table with readings sorted by device, then time; those whose time cannot be read are dropped.

        Readings that repeat a time stay, in the order in which they came.
        """
        time, device = self.readings.time, self.readings.device
        order = np.lexsort((time, device))
        order = order[time[order] != NEVER]
        if len(order) == len(time) and np.array_equal(order, np.arange(len(time))):
            return self
        place = np.full(len(time), -1, np.int64)
        place[order] = np.arange(len(order))
        reading = np.where(self.reading >= 0, place[self.reading], -1)
        labels = None if self.labels is None else self.labels[order]
        return replace(self, readings=self.readings.take(order), labels=labels, reading=reading)

    def only(self, rows: BoolArray) -> Table:
        """Return the table with the readings at ``rows``, ndarray of shape (readings,), bool, and no others.

        What was found out about the whole (columns, cadence, devices) stays; input rows without a reading stay too.
        """
        place = np.where(rows, np.cumsum(rows) - 1, -1)
        reading = np.where(self.reading >= 0, place[self.reading], -1)
        labels = None if self.labels is None else self.labels[rows]
        return replace(self, readings=self.readings.take(rows), labels=labels, reading=reading)
