"""The packets of MQTT 3.1.1 and 5 that a subscriber sends and gets, as bytes; nothing here knows a socket.

Section numbers are those of the OASIS standards "MQTT Version 3.1.1" (2014) and "MQTT Version 5.0" (2019).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tocsin.sources._mqtt_answers import MalformedError, read_length

CONNACK, PUBLISH, SUBACK, DISCONNECT = 2, 3, 9, 14

PING = b"\xc0\x00"
GOODBYE = b"\xe0\x00"

LONGEST = 1 << 24
"""Bytes of a packet that MQTT 5 brokers are asked not to exceed."""

_SESSION_EXPIRY, _RECEIVE_MAXIMUM, _MAXIMUM_PACKET = 0x11, 0x21, 0x27


class Publish(NamedTuple):
    """A message as it came: topic, payload, packet number (0 at QoS 0), and whether it is sent again, or retained."""

    topic: str
    payload: bytes
    number: int
    again: bool
    retained: bool


@dataclass(frozen=True)
class Login:
    """Who we are to the broker.

    Parameters
    ----------
    client
        The name of our session.
    version
        4 for MQTT 3.1.1, 5 for MQTT 5.
    user, password
        "" where there is none.
    keepalive_s
        The broker drops us if it hears nothing for half as long again.
    session_s
        How long it keeps our session while we are away; MQTT 5 only, 3.1.1 keeps it as the broker is set up.
    inflight
        Messages of QoS 1 that may be unacknowledged; MQTT 5 only.
    """

    client: str
    version: int = 5
    user: str = ""
    password: str = field(default="", repr=False)
    keepalive_s: int = 30
    session_s: int = 7 * 86_400
    inflight: int = 2_000


def connect(login: Login) -> bytes:
    r"""Return the packet that opens a connection, to go on with our session (3.1).

    >>> connect(Login("a", version=4))[:12]
    b'\x10\r\x00\x04MQTT\x04\x00\x00\x1e'
    """
    flags = (0x80 if login.user else 0) | (0x40 if login.password else 0)
    body = _text("MQTT") + struct.pack("!BBH", login.version, flags, login.keepalive_s)
    if login.version == 5:
        wishes = struct.pack("!BI", _SESSION_EXPIRY, min(login.session_s, 0xFFFFFFFF))
        wishes += struct.pack("!BH", _RECEIVE_MAXIMUM, login.inflight) + struct.pack("!BI", _MAXIMUM_PACKET, LONGEST)
        body += _length(len(wishes)) + wishes
    body += _text(login.client)
    body += (_text(login.user) if login.user else b"") + (_text(login.password) if login.password else b"")
    return _packet(0x10, body)


def subscribe(filter_: str, *, qos: int, retained: bool, version: int) -> bytes:
    """Return the packet that subscribes to a topic filter, under the packet number 1 (3.8)."""
    options = qos if version == 4 or retained else qos | 0x20
    return _packet(0x82, b"\x00\x01" + (b"\x00" if version == 5 else b"") + _text(filter_) + bytes([options]))


def publish(topic: str, payload: bytes, *, version: int) -> bytes:
    """Return the packet that publishes a message at QoS 0 (3.3)."""
    return _packet(0x30, _text(topic) + (b"\x00" if version == 5 else b"") + payload)


def acknowledge(numbers: Sequence[int]) -> bytes:
    r"""Return the packets that acknowledge messages of QoS 1, one after the other (3.4).

    >>> acknowledge([1, 258])
    b'@\x02\x00\x01@\x02\x01\x02'
    """
    packets = np.empty((len(numbers), 2), ">u2")
    packets[:, 0], packets[:, 1] = 0x4002, numbers
    return packets.tobytes()


def split(received: bytes, *, version: int) -> tuple[list[Publish], list[tuple[int, bytes]], int]:
    r"""Take packets apart: messages, other packets (kind and body), and how many bytes they took.

    Raises
    ------
    MalformedError
        If that is no MQTT.

    >>> split(b"\x30\x04\x00\x01a!\xd0\x00\x30", version=4)[::2]
    ([Publish(topic='a', payload=b'!', number=0, again=False, retained=False)], 8)
    """
    messages: list[Publish] = []
    others: list[tuple[int, bytes]] = []
    start, end = 0, len(received)
    while end - start >= 2:
        head, length, at = received[start], received[start + 1], start + 2
        if length & 0x80:
            found = read_length(received, start + 1)
            if found is None:
                break
            length, at = found
        if at + length > end:
            break
        if head >> 4 == PUBLISH:
            messages.append(_message(received, head, at, at + length, version))
        else:
            others.append((head >> 4, received[at : at + length]))
        start = at + length
    return messages, others, start


def needed(rest: bytes) -> int:
    r"""Return how many bytes the packet has that begins with ``rest``, as far as one can tell.

    >>> needed(b"\x30\x85\x01"), needed(b"\x30")
    (136, 2)
    """
    if len(rest) < 2:
        return 2
    found = read_length(rest, 1)
    return len(rest) + 1 if found is None else sum(found)


def _message(received: bytes, head: int, at: int, end: int, version: int) -> Publish:
    """Read a message that lies between two places; a packet too short for what it says points behind its end."""
    try:
        place = at + 2 + (received[at] << 8 | received[at + 1])
        topic, number = str(received[at + 2 : place], "utf-8", "replace"), 0
        if head & 0x06:
            number = received[place] << 8 | received[place + 1]
            place += 2
        if version == 5:
            size = received[place]
            place = place + 1 + size if size < 0x80 else sum(read_length(received, place) or (end, 1))
    except IndexError:
        place = end + 1
    if place > end:
        raise MalformedError("a message is shorter than it says")
    return Publish(topic, received[place:end], number, bool(head & 0x08), bool(head & 0x01))


def _packet(head: int, body: bytes) -> bytes:
    return bytes([head]) + _length(len(body)) + body


def _length(length: int) -> bytes:
    found = bytearray()
    while True:
        length, byte = length >> 7, length & 0x7F
        found.append(byte | (0x80 if length else 0))
        if not length:
            return bytes(found)


def _text(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("!H", len(raw)) + raw
