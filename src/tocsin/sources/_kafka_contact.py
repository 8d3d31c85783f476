"""Telling from what the Kafka client counts of itself whether the brokers that we read from are there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from typing import Any

_QUIET_US = 5_000_000
"""A broker answers each fetch within half a second and each sign of life within three; one quiet for so long hangs."""


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

    def heard(self) -> float:
        """Take note that a broker answered; return for how many seconds none had, 0 where one always did."""
        now = self._clock()
        away = 0.0 if self.connected else now - self._last
        self._last, self.connected = now, True
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
        if answering(json.loads(statistics), reading):
            return self.heard()
        self.broken()
        return 0.0


def answering(counted: dict[str, Any], reading: Collection[tuple[str, int]]) -> bool:
    """Tell whether the leaders of all partitions that we read answer; of none, whether any broker does."""
    there = {
        broker["nodeid"]
        for broker in counted["brokers"].values()
        if broker["state"] == "UP" and 0 <= broker["rxidle"] < _QUIET_US
    }
    topics = counted["topics"]
    leaders = {_leader(topics, topic, partition) for topic, partition in reading}
    return leaders <= there if leaders else bool(there)


def _leader(topics: dict[str, Any], topic: str, partition: int) -> int:
    found = topics.get(topic, {}).get("partitions", {}).get(str(partition), {})
    return int(found.get("leader", -1))
