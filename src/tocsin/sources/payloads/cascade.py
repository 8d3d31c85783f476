"""Messages of edges: stretches of readings that were strange enough there to be judged again here."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import InputError, SettingError
from tocsin.core.forwards import Context, decode_with_context
from tocsin.core.joining import join, widened
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming

_LOG = logging.getLogger(__name__)

KEPT = 4_096
"""Bytes of a message that mean nothing which are kept."""


class Cascade(Payload):
    """What edges forward, read at the centre: ``mqtt://broker/tocsin/+/windows?payload=cascade``.

    A device is called ``edge/device``, so that devices of two edges may have the same name, and so that an incident
    says where it is; with ``device=payload`` it is called as at its edge. Readings come with the stamps that they had
    at the edge, but none later than their message. An edge that forwards less context than windows and incidents need
    here is named once, in the log.

    Parameters
    ----------
    expect
        What is known of the readings; other channels are left out.
    naming
        What topics say: the edge.
    settings
        It has none.
    """

    def __init__(self, expect: Expected, naming: Naming, settings: str = "") -> None:
        if settings:
            raise SettingError(f"The payload cascade has no setting {settings!r}.", remedy="Write payload=cascade.")
        self._wanted, self._naming, self._needed = frozenset(expect.channels), naming, expect.context
        self._known: set[tuple[str, Context]] = set()

    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing."""
        parts: list[Arrivals] = []
        letters: list[DeadLetter] = []
        for message in messages:
            try:
                parts.append(self._taken(message))
            except InputError as error:
                letters.append(DeadLetter(message.topic, bytes(message.payload[:KEPT]), str(error), message.arrived))
        return join(parts), tuple(letters)

    def _taken(self, message: Message) -> Arrivals:
        some, context = decode_with_context(message.payload)
        edge = self._naming(message.topic)[0]
        if (edge, context) not in self._known and any(context):
            self._known.add((edge, context))
            self._compare(edge or message.topic, context)
        return self._named(some, edge, message.arrived)

    def _compare(self, edge: str, context: Context) -> None:
        """Say what an edge forwards too little of."""
        (before, after), (front, behind) = context, self._needed
        if before < front:
            _LOG.warning(
                "%s forwards %d readings in front of a strange one, and windows here are full only behind %d: what is "
                "strange may never be judged. Set before = %d or more in its [cascade].",
                edge,
                before,
                front,
                front,
            )
        if after < behind:
            _LOG.warning(
                "%s forwards %d readings behind a strange one, and incidents end here behind %d: they may stay open "
                "until the device is strange again. Set after = %d or more in its [cascade].",
                edge,
                after,
                behind,
                behind,
            )

    def _named(self, some: Arrivals, edge: str, arrived: int) -> Arrivals:
        """Return readings under the names that devices have here, and of the channels that are wanted."""
        wanted = tuple(name for name in some.channels if name in self._wanted) if self._wanted else some.channels
        return replace(
            some,
            devices=tuple(f"{edge}/{name}" for name in some.devices) if edge else some.devices,
            channels=wanted,
            values=widened(some.values, some.channels, wanted, np.nan),
            bad=None if some.bad is None else widened(some.bad, some.channels, wanted, 0.0),
            arrived=np.minimum(some.arrived, arrived),
        )
