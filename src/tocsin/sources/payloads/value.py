"""One value a message: topics name device and channel, as Shelly, Tasmota bridges, Homie and many PLC gateways do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming
from tocsin.sources.payloads._gather import Fields, Gatherer, dead
from tocsin.sources.payloads._numbers import read_numbers
from tocsin.sources.payloads._shapes import parse
from tocsin.sources.tables._layout import MISSING

LONGEST = 4_096
"""Bytes of a message from which on it is no value."""


class Value(Payload):
    """One value a message, whose topic names the channel: a bare number, or ``{"value": 21.5, "time": …}``.

    Each message is a piece of a reading, of one channel. Where the artifact's clock gathers readings on a grid, pieces
    meet in their bin; elsewhere those that were taken within half a cadence make up a reading.

    Parameters
    ----------
    expect
        What is known of the readings.
    naming
        What topics say; the channel among it.
    settings
        It has none.
    """

    def __init__(self, expect: Expected, naming: Naming, settings: str = "") -> None:
        if settings:
            raise SettingError(f"The payload value has no setting {settings!r}.", remedy="Write payload=value.")
        self._expect, self._naming = expect, naming
        self._missing = frozenset((*MISSING, *expect.missing))
        self._gatherer = Gatherer(expect, naming)

    def read(self, messages: Sequence[Message]) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in messages, in order, and the messages that mean nothing."""
        rows: list[Fields] = []
        of: list[int] = []
        letters: list[DeadLetter] = []
        for place, message in enumerate(messages):
            found = self._fields(message)
            if isinstance(found, str):
                letters.append(dead(message, found))
            else:
                rows.append(found)
                of.append(place)
        arrivals, more = self._gatherer.gather(rows, of, messages)
        return replace(arrivals, pieces=True), (*letters, *more)

    def _fields(self, message: Message) -> Fields | str:
        channel = self._naming(message.topic)[1]
        if not channel:
            return "Its topic names no channel. Name one in the pattern: plant/{device}/{channel}."
        if self._expect.channels and channel not in self._expect.channels:
            wanted = ", ".join(self._expect.channels[:8])
            return f"{channel} is none of the channels wanted ({wanted}). Rename it, or narrow the topic."
        if len(message.payload) > LONGEST:
            return f"It has {len(message.payload):,} bytes, too many for one value."
        return _read(message.payload, channel, self._missing)


def _read(payload: bytes, channel: str, missing: Collection[str]) -> Fields | str:
    """Return the value, with its time where it has one, or why there is none."""
    try:
        said = parse(payload)
    except (ValueError, RecursionError):
        said = payload.decode("utf-8", errors="replace").strip()
    if isinstance(said, dict):
        value = next((said[name] for name in ("value", "v", "val", channel) if name in said), said)
        rest = {name: inner for name, inner in said.items() if name not in ("value", "v", "val", channel)}
        return "It holds no field 'value'." if value is said else {channel: value, **rest}
    if not isinstance(said, str):
        return {channel: said}
    return f"{said[:80]!r} is no number." if read_numbers([said], missing)[1] else {channel: said}
