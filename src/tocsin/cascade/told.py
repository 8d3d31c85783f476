"""What an edge's statistics are as a message: counts and sketches of each artifact at work, never a reading."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from tocsin.cascade.observed import Observed
from tocsin.core.errors import InputError

_LARGEST = 16 << 20


def encode(edge: str, observed: Sequence[Observed]) -> bytes:
    """Return statistics as bytes.

    >>> decode(encode("hall-3", [Observed("", "0a1b")]))[0]
    'hall-3'
    """
    told = {"edge": edge, "artifacts": [own.document() for own in observed]}
    return zlib.compress(json.dumps(told).encode(), 9)


def decode(message: bytes) -> tuple[str, tuple[Observed, ...]]:
    """Return the edge's name, and what it has observed.

    Raises
    ------
    InputError
        If these are no statistics.
    """
    try:
        unpacking = zlib.decompressobj()
        found = json.loads(unpacking.decompress(message, _LARGEST))
        if not unpacking.eof:
            raise ValueError("it is cut short, or too long")
        return str(found["edge"]), tuple(Observed.of(own) for own in found["artifacts"])
    except (zlib.error, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"It tells no statistics of an edge ({error!r}).", remedy="Have it told anew.") from None
