"""What an MQTT broker answers: greeting, grant of a subscription, goodbye, each with a reason for people."""

from __future__ import annotations

import struct
from typing import NamedTuple

_NUMBERS = {1: 1, 2: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x27: 4}
_NUMBERS |= {0x28: 1, 0x29: 1, 0x2A: 1, 0x18: 4}
_PAIR = 0x26


class MalformedError(ConnectionError):
    """What came is no MQTT; nothing behind it can be understood."""


class Greeting(NamedTuple):
    """The broker's answer to a connect: its code (0 is welcome), why, whether it has our session, its keep-alive."""

    code: int
    reason: str
    session: bool
    keepalive_s: int | None


def greeting(body: bytes, *, version: int) -> Greeting:
    """Return what the broker answered to a connect (3.2)."""
    if len(body) < 2:
        raise MalformedError("its greeting is too short")
    said = properties(body, 2) if version == 5 and len(body) > 2 else {}
    names = _CODES if version == 5 else _OLD_CODES
    why = said.get(0x1F) or names.get(body[1], f"code {body[1]}")
    keepalive = said.get(0x13)
    return Greeting(body[1], str(why), bool(body[0] & 1), keepalive if isinstance(keepalive, int) else None)


def granted(body: bytes, *, version: int) -> int:
    """Return the QoS that a subscription was granted, 128 and more where it was refused (3.9)."""
    if len(body) < (4 if version == 5 else 3):
        raise MalformedError("its answer to a subscription is too short")
    return body[-1]


def parting(body: bytes) -> str:
    """Return why the broker says goodbye (3.14)."""
    return _CODES.get(body[0], f"code {body[0]}") if body else "it gave no reason"


def properties(body: bytes, start: int) -> dict[int, int | str]:
    """Return a packet's properties that are numbers or texts, by their identifier (MQTT 5, 2.2.2)."""
    found: dict[int, int | str] = {}
    size = read_length(body, start)
    if size is None:
        raise MalformedError("its properties are cut off")
    at, end = size[1], size[1] + size[0]
    try:
        while at < end:
            name, at = body[at], at + 1
            if name in _NUMBERS:
                found[name], at = int.from_bytes(body[at : at + _NUMBERS[name]], "big"), at + _NUMBERS[name]
                continue
            for _ in range(2 if name == _PAIR else 1):
                (length,) = struct.unpack_from("!H", body, at)
                found[name], at = body[at + 2 : at + 2 + length].decode(errors="replace"), at + 2 + length
    except (struct.error, IndexError):
        raise MalformedError("its properties are cut off") from None
    return found


def read_length(received: bytes, start: int) -> tuple[int, int] | None:
    """Return a length of up to four bytes and where it ends; None where it is cut off (2.2.3)."""
    length = 0
    for place in range(4):
        if start + place >= len(received):
            return None
        byte = received[start + place]
        length |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            return length, start + place + 1
    raise MalformedError("a packet's length has more than four bytes")


_OLD_CODES = {
    1: "it speaks no MQTT 3.1.1",
    2: "it does not accept the client id",
    3: "it is not available",
    4: "user or password is wrong",
    5: "we are not authorized",
}
_CODES = {
    0x00: "it closed the connection",
    0x01: "it speaks no MQTT 5",
    0x80: "it gives no reason",
    0x81: "a packet was malformed",
    0x82: "a protocol error",
    0x84: "it speaks no MQTT 5",
    0x85: "it does not accept the client id",
    0x86: "user or password is wrong",
    0x87: "we are not authorized",
    0x88: "it is not available",
    0x89: "it is busy",
    0x8A: "we are banned",
    0x8B: "it is shutting down",
    0x8C: "it wants another authentication",
    0x8D: "it heard nothing of us",
    0x8E: "another client has taken over our client id",
    0x93: "we have too many messages unacknowledged",
    0x95: "a packet was too large",
    0x96: "too many messages",
    0x97: "a quota is used up",
    0x9C: "it says to use another server",
    0x9F: "too many connections",
}
