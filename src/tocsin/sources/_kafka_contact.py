"""Telling from what the Kafka client counts of itself whether the brokers that we read from are there."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Collection
from typing import Any

_QUIET_S = 5.0
"""A broker answers each fetch within a tenth of a second and each sign of life at once; one quiet for so long hangs."""


class Contact:
    """Whether the brokers answer, and for how long they did not.

    Parameters
    ----------
    clock
        Seconds that pass evenly.

    Examples
    --------
    >>> contact = Contact(clock=iter([0.0, 30.0]).__next__)
    >>> contact.broken(); contact.heard()
    30.0
    >>> contact.connected
    True
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._last, self.connected = clock, clock(), True

    def broken(self) -> None:
        """Take note that no broker can be reached."""
        self.connected = False

    def heard(self, *, quiet_s: float = 0.0) -> float:
        """Take note that a broker answered ``quiet_s`` ago; return for how long none had, 0 where one always did."""
        then = self._clock() - quiet_s
        away = 0.0 if self.connected else max(0.0, then - self._last)
        self._last, self.connected = then, True
        return away

    def counted(self, statistics: str, reading: Collection[tuple[str, int]]) -> float:
        """Take note of the client's statistics, and return what :meth:`heard` does.

        Parameters
        ----------
        statistics
            JSON, as librdkafka's STATISTICS.md describes it.
        reading
            Topics and partitions that we read. Each needs its leader: without it, the silence of its devices means
            nothing.
        """
        quiet_s = quiet_for(json.loads(statistics), reading)
        if quiet_s < _QUIET_S:
            return self.heard(quiet_s=quiet_s)
        self.broken()
        return 0.0


def quiet_for(counted: dict[str, Any], reading: Collection[tuple[str, int]]) -> float:
    """Return for how long, in s, some leader of the partitions that we read has been quiet; of none, all brokers."""
    quiet: dict[int, float] = {
        broker["nodeid"]: broker["rxidle"] / 1e6
        for broker in counted["brokers"].values()
        if broker["state"] == "UP" and broker["rxidle"] >= 0
    }
    topics = counted["topics"]
    leaders = {_leader(topics, topic, partition) for topic, partition in reading}
    if not leaders:
        return min(quiet.values(), default=math.inf)
    return max(quiet.get(leader, math.inf) for leader in leaders)


def _leader(topics: dict[str, Any], topic: str, partition: int) -> int:
    found = topics.get(topic, {}).get("partitions", {}).get(str(partition), {})
    return int(found.get("leader", -1))
