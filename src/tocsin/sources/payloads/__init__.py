"""Payloads: how messages are read. File name = name in ``payload=``; what stands behind a colon are its settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from tocsin.core.discover import load
from tocsin.core.live import Expected, Payload
from tocsin.sources._topics import Naming, Topics
from tocsin.sources.payloads._when import check_times, read_times

__all__ = ["Asking", "open_payload", "read_times", "share_of"]


@runtime_checkable
class Asking(Protocol):
    """A payload that sometimes has to ask a device for something."""

    def requests(self) -> tuple[tuple[str, bytes], ...]:
        """Return topics and messages to be published, and forget them."""


def open_payload(text: str, expect: Expected, naming: Naming) -> Payload:
    """Return the payload written as ``text``: "json", "value", "csv:time,temp,hum", "sparkplug".

    Every payload is made of what is expected, a naming (what topics say of device and channel), and the text behind
    its colon.

    Raises
    ------
    SettingError
        If there is none of that name, or its settings cannot work.
    MissingExtraError
        If times are expected whose reading needs a library that is not installed.

    Examples
    --------
    >>> from tocsin.core.arrivals import Message
    >>> from tocsin.sources._topics import Topics
    >>> payload = open_payload("json", Expected(channels=("temp",)), Topics("plant/+/env").names)
    >>> some, dead = payload.read([Message("plant/pump-1/env", b'{"time": 1700000000, "temp": 21.5}', 0)])
    >>> some.devices, some.values.tolist(), some.time.tolist(), dead
    (('pump-1',), [[21.5]], [1700000000000000000], ())
    """
    check_times(expect)
    name, _, settings = text.partition(":")
    kind = load("sources.payloads", name.strip())
    made = kind(expect, naming, settings.strip())
    assert isinstance(made, Payload)
    return made


def share_of(payload: Payload, topics: Topics) -> Callable[[str], str] | None:
    """Return what of a topic decides which worker reads its messages; None where only messages themselves say.

    A message must be read by whoever can understand it: of Sparkplug, all that a node and its devices say.
    """
    if (own := getattr(payload, "share_of", None)) is not None:
        assert callable(own)
        return lambda topic: str(own(topic))
    return (lambda topic: topics.names(topic)[0]) if topics.names_device else None
