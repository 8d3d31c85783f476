"""Noticing devices whose readings come on more than one partition: what is remembered of them is torn apart then."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection

from tocsin.core.arrivals import Arrivals, DeadLetter

_LOG = logging.getLogger("tocsin.sources.kafka")
_MOST = 1 << 19


class Homes:
    """Which lane each device lives in, as far as this process sees.

    Examples
    --------
    >>> import numpy as np
    >>> def of(device):
    ...     one = np.zeros(1, np.int64)
    ...     return Arrivals((device,), (), one, one, np.zeros((1, 0)), one)
    >>> homes, ours = Homes(), {"t/0", "t/3"}
    >>> len(homes.strangers(of("pump-1"), "t/0", ours=ours)), len(homes.strangers(of("pump-1"), "t/3", ours=ours))
    (0, 1)
    >>> homes.strangers(of("pump-1"), "t/3", ours=ours)  # is told once
    ()
    """

    def __init__(self) -> None:
        self._homes: dict[str, str] = {}
        self._told: set[str] = set()

    def strangers(self, arrivals: Arrivals, lane: str, *, ours: Collection[str]) -> tuple[DeadLetter, ...]:
        """Return what to tell of devices that were seen in another lane of ours before; each is told of once."""
        if len(self._homes) >= _MOST:
            self._homes.clear()
        found = [name for name in arrivals.devices if self._elsewhere(name, lane, ours) and name not in self._told]
        if not found:
            return ()
        self._told.update(found if len(self._told) < _MOST else ())
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        reason = (
            f"{', '.join(found[:3])}{more} came on {lane} and on {self._homes[found[0]]}: what is remembered of a "
            "device belongs to one partition. Publish with the device's name as the message's key, always by the same "
            "partitioner, and give the topic no more partitions while it is watched."
        )
        _LOG.error(reason)
        return (DeadLetter(lane, b"", reason, time.time_ns()),)

    def _elsewhere(self, name: str, lane: str, ours: Collection[str]) -> bool:
        home = self._homes.setdefault(name, lane)
        if home != lane and home not in ours:
            self._homes[name] = lane
            return False
        return home != lane
