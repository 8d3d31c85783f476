"""A small fleet whose readings are numbered by their times, so that none can be lost, or come twice, unnoticed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.arrivals import Arrivals, Message

if TYPE_CHECKING:
    import polars

SECOND = 10**9
BEGIN = 1_704_067_200 * SECOND
"""Midnight, UTC, as 2024 began: long before now, so that no reading lies ahead of its arrival, whatever clocks do."""


@dataclass(frozen=True)
class LiveFleet:
    """Devices whose readings come in turns, one of each every period, with faults that ring.

    The number of a reading is the number of periods since the beginning. Values have three decimals, so that text
    carries them without loss.

    Parameters
    ----------
    devices
        How many; they are called ``room-0``, ``room-1``, …
    readings
        Of each device.
    channels
        How many; they are called ``c0``, ``c1``, …
    faulty
        Do some of them go wrong for a while, one at once and one little by little? Training wants none.
    seed
        Same seed, same readings.
    period_s
        From one reading of a device to its next.

    Examples
    --------
    >>> fleet = LiveFleet(devices=2, readings=3)
    >>> len(fleet), fleet.names, fleet.numbers.tolist()
    (6, ('room-0', 'room-1'), [0, 0, 1, 1, 2, 2])
    >>> sorted(json.loads(fleet.message(0).payload))
    ['c0', 'c1', 'time']
    """

    devices: int = 12
    readings: int = 220
    channels: int = 2
    faulty: bool = True
    seed: int = 0
    period_s: float = 1.0

    def __len__(self) -> int:
        return self.devices * self.readings

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the devices."""
        return tuple(f"room-{device}" for device in range(self.devices))

    @cached_property
    def channel_names(self) -> tuple[str, ...]:
        """Names of the channels."""
        return tuple(f"c{channel}" for channel in range(self.channels))

    @cached_property
    def numbers(self) -> IntArray:
        """Number of each reading, ndarray of shape (n,), in the order in which they come."""
        return np.repeat(np.arange(self.readings), self.devices)

    @cached_property
    def owners(self) -> IntArray:
        """Device of each reading, ndarray of shape (n,)."""
        return np.tile(np.arange(self.devices), self.readings)

    @cached_property
    def times(self) -> IntArray:
        """Time of each reading, ndarray of shape (n,), ns."""
        return BEGIN + self.numbers * round(self.period_s * SECOND)

    @cached_property
    def values(self) -> FloatArray:
        """What was read, ndarray of shape (n, channels)."""
        rng = np.random.default_rng(self.seed)
        phase = np.arange(self.readings)[:, None, None] / 7 + np.arange(self.devices)[None, :, None]
        found: FloatArray = 20 + 3 * np.sin(phase + np.arange(self.channels)) + 10.0 * np.arange(self.channels)
        found = found + rng.normal(0, 0.2, found.shape)
        if self.faulty:
            for start in range(40, self.readings - 40, 60):
                found[start : start + 8, (start // 10) % self.devices, start % self.channels] += 9
                slowly = slice(start + 20, start + 36), (start // 10 + 1) % self.devices, 0
                found[slowly] -= 0.35 * np.arange(1, 17)
        return np.round(found.reshape(-1, self.channels), 3)

    def calm(self, *, readings: int = 400) -> LiveFleet:
        """Return a fleet of the same kind in which nothing is wrong, to learn from."""
        return replace(self, devices=2, readings=readings, faulty=False, seed=self.seed + 1)

    def table(self, rows: Sequence[int] | IntArray | None = None) -> polars.DataFrame:
        """Return readings as a table, in the order in which they come, or those at ``rows``, in that order."""
        import polars as pl

        own = np.arange(len(self)) if rows is None else np.asarray(rows, np.int64)
        names = np.array(self.names)
        columns = {"time": self.times[own].astype("datetime64[ns]"), "device": names[self.owners[own]]}
        return pl.DataFrame({**columns, **dict(zip(self.channel_names, self.values[own].T, strict=True))})

    def message(self, row: int) -> Message:
        """Return a reading as a flat object of JSON under its device's name."""
        return Message(self.names[self.owners[row]], json.dumps(self._document(row)).encode(), 0)

    def messages(self, rows: Sequence[int] | IntArray | None = None) -> list[Message]:
        """Return the readings, or those at ``rows``, a message each."""
        return [self.message(int(row)) for row in (range(len(self)) if rows is None else rows)]

    def arrays(self, size: int) -> Iterator[Message]:
        """Return the readings in messages that hold ``size`` readings of one device."""
        for start in range(0, self.readings, size):
            for device, name in enumerate(self.names):
                numbers = range(start, min(start + size, self.readings))
                held = [self._document(number * self.devices + device) for number in numbers]
                yield Message(name, json.dumps(held).encode(), 0)

    def arrivals(self) -> Arrivals:
        """Return the readings as they come out of a source that stamps them when they were taken."""
        times = self.times
        return Arrivals(self.names, self.channel_names, self.owners, times, self.values, times)

    def _document(self, row: int) -> dict[str, Any]:
        time = str(np.datetime64(int(self.times[row]), "ns").astype("datetime64[ms]")) + "Z"
        return {"time": time, **dict(zip(self.channel_names, self.values[row].tolist(), strict=True))}
