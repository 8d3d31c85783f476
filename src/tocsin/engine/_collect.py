"""Gathering the verdicts of one push, which are found block by block, into one set of columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.alerting import Judged
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray, ByteArray, IntArray
from tocsin.core.verdicts import Status, Verdicts


class Collector:
    """Verdicts as they are found; in the end sorted by input row, or by time where rows do not apply."""

    def __init__(self, channels: int, *, expecting: bool) -> None:
        self._channels, self._expecting = channels, expecting
        self._parts: list[Verdicts] = []
        self._events: list[Event] = []

    def add(
        self, devices: IntArray, judged: Judged, status: ByteArray, incident: IntArray, row: IntArray, valid: BoolArray
    ) -> None:
        """Add the verdicts of a (devices, time) block."""
        columns = (
            judged.time,
            judged.score,
            judged.limit,
            status,
            judged.by_channel,
            incident,
            row,
            judged.expected,
        )
        whole = bool(valid.all())
        device = np.repeat(devices, valid.sum(axis=1))
        self._parts.append(Verdicts(device, *(_flat(column, valid, whole=whole) for column in columns)))

    def refuse(self, device: IntArray, time: IntArray, row: IntArray, status: Status) -> None:
        """Add readings that were turned away."""
        n = len(row)
        nothing = np.full(n, np.nan)
        shares = np.full((n, self._channels), np.nan, np.float32)
        expected = np.full((n, self._channels if self._expecting else 0), np.nan, np.float32)
        codes = np.full(n, status, np.uint8)
        self._parts.append(Verdicts(device, time, nothing, nothing, codes, shares, np.full(n, NEVER), row, expected))

    def tell(self, events: list[Event]) -> None:
        """Add events."""
        self._events += events

    def verdicts(self) -> Verdicts:
        """Return everything as one."""
        if not self._parts:
            none = np.zeros(0, np.int64)
            self.refuse(none, none, none, Status.ok)
        whole = Verdicts.join(self._parts) if len(self._parts) > 1 else self._parts[0]
        in_order = len(self._parts) == 1 and bool((whole.row[1:] > whole.row[:-1]).all())
        if not in_order:
            whole = whole.take(np.lexsort((whole.device, whole.time, whole.row)))
        if not self._events:
            return whole
        events = sorted(self._events, key=lambda e: (e.incident.start, e.incident.device, e.revision))
        return replace(whole, events=tuple(events))


def _flat(column: npt.NDArray[Any], valid: BoolArray, *, whole: bool) -> Any:
    if whole:
        return np.ascontiguousarray(column).reshape(valid.size, *column.shape[2:])
    return column[valid]
