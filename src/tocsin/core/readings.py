"""Readings: what sensors said, as columns, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray, frozen
from tocsin.core.schema import Schema


@dataclass(frozen=True, eq=False)
class Readings:
    """A block of readings in arrival order, wide, of one schema. Arrays are read-only.

    Parameters
    ----------
    schema
        The channels.
    device
        ndarray of shape (n,), int64: index of the device, local to this process.
    time
        ndarray of shape (n,), int64: nanoseconds since the epoch, UTC; the row's number where the source has no
        clock; :data:`tocsin.core.arrays.NEVER` where the time could not be read.
    values
        ndarray of shape (n, channels), float64; NaN means "no news of this channel".
    bad
        ndarray of shape (n, channels), bool, or None: the sensor itself says that the value is bad.
    arrived
        ndarray of shape (n,), int64 nanoseconds, or None: when the reading reached us.
    row
        ndarray of shape (n,), int64, or None: row in the input.
    """

    schema: Schema
    device: IntArray
    time: IntArray
    values: FloatArray
    bad: BoolArray | None = None
    arrived: IntArray | None = None
    row: IntArray | None = None

    def __post_init__(self) -> None:
        rows, channels = len(self.time), len(self.schema)
        for name, shape in (("device", (rows,)), ("time", (rows,)), ("values", (rows, channels))):
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        for name, shape in (("bad", (rows, channels)), ("arrived", (rows,)), ("row", (rows,))):
            if getattr(self, name) is not None and getattr(self, name).shape != shape:
                raise ValueError(f"{name} has shape {getattr(self, name).shape}, expected {shape}")
        for field in fields(self):
            if isinstance(array := getattr(self, field.name), np.ndarray):
                object.__setattr__(self, field.name, frozen(array))

    def __len__(self) -> int:
        return len(self.time)

    def take(self, index: IntArray | BoolArray | slice) -> Readings:
        """Return the readings at ``index``, in that order."""
        return Readings(
            self.schema,
            self.device[index],
            self.time[index],
            self.values[index],
            bad=None if self.bad is None else self.bad[index],
            arrived=None if self.arrived is None else self.arrived[index],
            row=None if self.row is None else self.row[index],
        )
