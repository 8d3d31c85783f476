"""Verdicts: what tocsin says of each reading."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray, ByteArray, Float32Array, FloatArray, IntArray


class Status(IntEnum):
    """Why a reading has a score, or has none. The value is what arrays hold; the name is what people read."""

    ok = 0
    """The reading was scored."""
    warming = 1
    """The window is not full yet: too few readings since the start, or since a pause that was too long to bridge."""
    gap = 2
    """The window holds a value that was missing for longer than the hold."""
    late = 3
    """The reading came after its time had been closed, or repeats a time; counted, not used."""
    invalid = 4
    """The reading's time cannot be read or lies far in the future; counted, not used."""
    stale = 5
    """The device is silent. Live streams only."""
    off = 6
    """The machine is off by rule. Live operation only."""


@dataclass(frozen=True, eq=False)
class Verdicts:
    """Score, limit and status of n readings (or bins, where a clock gathers readings).

    Parameters
    ----------
    device, time
        ndarrays of shape (n,), int64: device index, and the bin's end in ns (without a clock the reading's own time).
    score
        ndarray of shape (n,), float64; NaN unless status is ``ok``.
    limit
        ndarray of shape (n,), float64: the limit in force; NaN unless status is ``ok``.
    status
        ndarray of shape (n,), uint8: see :class:`Status`.
    by_channel
        ndarray of shape (n, channels), float32: shares that sum to the score; NaN where unattributed.
    incident
        ndarray of shape (n,), int64: start of the incident the policy was telling at that reading, or NEVER.
    row
        ndarray of shape (n,), int64: input row, or -1 for a bin that several rows or none fell into.
    expected
        ndarray of shape (n, channels), float32: what the detector expected of the reading, NaN where there is no
        score; of shape (n, 0) where it expects nothing.
    events
        The incidents opened and closed meanwhile, in order.
    """

    device: IntArray
    time: IntArray
    score: FloatArray
    limit: FloatArray
    status: ByteArray
    by_channel: Float32Array
    incident: IntArray
    row: IntArray
    expected: Float32Array
    events: tuple[Event, ...] = ()

    def __len__(self) -> int:
        return len(self.time)

    @property
    def anomaly(self) -> BoolArray:
        """Is the score above the limit? An ndarray of shape (n,), bool."""
        return np.asarray(self.score > self.limit)

    @property
    def severity(self) -> FloatArray:
        """Score / limit, above 1 is anomalous: an ndarray of shape (n,), float64."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.score / self.limit

    @property
    def told(self) -> BoolArray:
        """Was an incident open at each reading? An ndarray of shape (n,), bool."""
        return np.asarray(self.incident != NEVER)

    def take(self, index: IntArray | BoolArray) -> Verdicts:
        """Return the verdicts at ``index``, with all events."""
        columns = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "events"}
        return Verdicts(**columns, events=self.events)

    @staticmethod
    def join(parts: list[Verdicts]) -> Verdicts:
        """Return the parts one after the other; at least one is needed."""
        names = [f.name for f in fields(Verdicts) if f.name != "events"]
        columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        return Verdicts(**columns, events=tuple(event for part in parts for event in part.events))
