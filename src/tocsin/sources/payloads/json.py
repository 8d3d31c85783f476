"""JSON messages: what most gateways and nearly all self-built devices send."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming
from tocsin.sources.payloads._gather import Fields, Gatherer, dead
from tocsin.sources.payloads._shapes import flatten, parse

LONGEST = 1 << 20
"""Bytes of a message from which on it is not even read."""


class Json(Payload):
    """JSON: an object with a number for each channel, or an array of such objects.

    Understood are, with or without time and device::

        {"time": "2026-01-31T12:00:00Z", "temp": 21.5, "hum": 40}
        [{"time": 1769860800, "temp": 21.5}, {"time": 1769860810, "temp": 21.6}]
        {"device": "pump-1", "values": {"temp": 21.5, "hum": 40}}
        {"device": "pump-1", "readings": [{"ts": 1769860800000, "temp": 21.5}, …]}
        {"time": [1769860800, 1769860810], "temp": [21.5, 21.6]}

    Parameters
    ----------
    expect
        What is known of the readings; without channels, every number is one.
    naming
        What topics say.
    settings
        It has none.
    """

    def __init__(self, expect: Expected, naming: Naming, settings: str = "") -> None:
        if settings:
            raise SettingError(f"The payload json has no setting {settings!r}.", remedy="Write payload=json.")
        self._wanted = frozenset(expect.channels)
        self._gatherer = Gatherer(expect, naming)

    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing."""
        rows: list[Fields] = []
        of: list[int] = []
        letters: list[DeadLetter] = []
        for place, message in enumerate(messages):
            found = rows_in(message.payload, self._wanted)
            if isinstance(found, str):
                letters.append(dead(message, found))
            else:
                rows += found
                of += [place] * len(found)
        arrivals, more = self._gatherer.gather(rows, of, messages)
        return arrivals, (*letters, *more)


def rows_in(payload: bytes, wanted: Collection[str]) -> Sequence[Fields] | str:
    """Return the readings in a message, field by field, or why there are none.

    >>> rows_in(b'{"device": "pump-1", "values": {"temp": 21.5}}', {"temp"})
    [{'device': 'pump-1', 'temp': 21.5}]
    >>> rows_in(b'{"temp": ', {"temp"})
    'It is no JSON: EOF while parsing a value at line 1 column 9.'
    """
    if len(payload) > LONGEST:
        return f"It has {len(payload):,} bytes. Send at most {LONGEST:,}, in several messages."
    try:
        said = parse(payload)
    except (ValueError, RecursionError) as error:
        return f"It is no JSON: {error}."
    return flatten(said, wanted)
