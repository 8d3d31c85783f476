"""Offsets that are committed to the broker as advice: for people who look at its lag, and for a store that was lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Container
from typing import TYPE_CHECKING

from tocsin.sources._kafka_parts import Key, part_of, said

if TYPE_CHECKING:
    from confluent_kafka import Consumer

_LOG = logging.getLogger("tocsin.sources.kafka")
_EVERY_S = 1.0


class Advice:
    """What the broker has not been told yet. Nothing depends on its arrival."""

    def __init__(self) -> None:
        self._offsets: dict[Key, int] = {}
        self._given = 0.0

    def note(self, key: Key, offset: int) -> None:
        """Take note that everything before an offset is safe."""
        self._offsets[key] = offset

    def forget(self, key: Key) -> None:
        """Say no more of a partition."""
        self._offsets.pop(key, None)

    def give(self, consumer: Consumer, ours: Container[Key], *, now: bool = False) -> None:
        """Tell the broker about once a second, or at once, of the partitions that are ours."""
        if not self._offsets or (not now and time.monotonic() < self._given + _EVERY_S):
            return
        from confluent_kafka import KafkaException

        self._given = time.monotonic()
        parts = [part_of(key, offset) for key, offset in self._offsets.items() if key in ours]
        self._offsets.clear()
        try:
            if parts:
                consumer.commit(offsets=parts, asynchronous=True)
        except KafkaException as error:
            _LOG.info("Kafka did not take an offset: %s", said(error))
