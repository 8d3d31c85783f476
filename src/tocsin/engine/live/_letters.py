"""Readings that nobody judges, put aside with the reason: all counted, few kept, so that a flood fills no disk."""

from __future__ import annotations

import json
import math

from tocsin.core.arrivals import Arrivals, DeadLetter

_PAUSE_NS = 3_600 * 10**9
"""Of one device and reason, a reading in so much time is kept."""

_SHOWN = 200
"""Characters of a name that are told."""

_MOST = 10_000
"""Devices and reasons that are remembered for that."""


class Letters:
    """Which readings to put aside as dead letters."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], int] = {}

    def letter(self, arrivals: Arrivals, row: int, reason: str) -> DeadLetter | None:
        """Return the letter for a reading, None where one like it was put aside lately."""
        device, arrived = arrivals.devices[int(arrivals.device[row])][:_SHOWN], int(arrivals.arrived[row])
        last = self._last.get((device, reason))
        if last is not None and abs(arrived - last) < _PAUSE_NS:
            return None
        if len(self._last) >= _MOST:
            self._last.clear()
        self._last[device, reason] = arrived
        return DeadLetter(device, _reading(arrivals, row), reason, arrived)


def _reading(arrivals: Arrivals, row: int) -> bytes:
    values = zip(arrivals.channels, arrivals.values[row].tolist(), strict=True)
    told = {channel: value for channel, value in values if math.isfinite(value)}
    return json.dumps({"time_ns": int(arrivals.time[row]), **told}).encode()[:4_000]
