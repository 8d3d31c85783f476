"""Looking for topics at the first contact: one that was just made may take a moment to show."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confluent_kafka import Consumer

_AGAIN_S = 0.2


def lacking_topic(consumer: Consumer, topics: Sequence[str], *, patience_s: float) -> str:
    """Return, in a sentence, which topic is not there, "" where all are.

    Raises
    ------
    KafkaException
        If no broker answers in time.
    """
    until = time.monotonic() + patience_s
    while True:
        known = consumer.list_topics(timeout=patience_s).topics
        lacking = [name for name in topics if name not in known or known[name].error]
        if not lacking:
            return ""
        if time.monotonic() > until:
            there = ", ".join(sorted(name for name in known if not name.startswith("__"))[:8]) or "none"
            return f"There is no topic {lacking[0]!r}; there are: {there}."
        time.sleep(_AGAIN_S)
