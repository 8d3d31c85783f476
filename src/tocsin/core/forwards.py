"""Readings that an edge forwards to its centre, as bytes: few of them, and exact to the last bit."""

from __future__ import annotations

import json
import zlib

import numpy as np

from tocsin.core._planes import PlanesIn, PlanesOut
from tocsin.core.arrays import IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError

LARGEST = 64 << 20
"""Bytes that a message may hold when it is unpacked: more is no message of ours."""

_LONGEST = 4 << 20
"""Bytes of the names and counts in front of the columns; as Python's objects they take many times as much."""
Context = tuple[int, int]
"""Readings in front of a strange one that are forwarded with it, and readings behind it."""

NO_CONTEXT: Context = (0, 0)
"""Of readings that nobody forwards, such as those that wait in the store."""

_MAGIC = b"tF1"
_BARE = len('{"time": "1970-01-01T00:00:00.000Z"}')


def encode(arrivals: Arrivals, *, context: Context = NO_CONTEXT, level: int = 9) -> bytes:
    """Return readings as bytes that :func:`decode` reads: times, values, missing ones and flags exactly as they are.

    Readings of a device stand together, times as differences of differences, values as whole numbers where they were
    written with few decimals, each column by planes of bytes: what is alike lies together, and DEFLATE (RFC 1951)
    makes little of it. Goodbyes and shifts of the clock are about the edge's own connection, and stay there.

    Parameters
    ----------
    arrivals
        Readings, one at least.
    context
        How many readings stand in front of strange ones and behind them, so that the centre can say what it lacks.
    level
        Of compression, from 1, which is quick, to 9, which is small.

    Examples
    --------
    >>> when = np.arange(600) * 10**9
    >>> values = 20 + (np.arange(600)[:, None] % 7) / 10
    >>> some = Arrivals(("pump-1",), ("temp",), np.zeros(600, np.int64), when, values, when + 5)
    >>> len(encode(some)) < 600, np.array_equal(decode(encode(some)).values, values)
    (True, True)
    """
    order = np.argsort(arrivals.device, kind="stable")
    used, counts = np.unique(arrivals.device, return_counts=True)
    time = arrivals.time[order]
    out = PlanesOut()
    out.integers(time)
    out.integers((arrivals.arrived[order].view(np.uint64) - time.view(np.uint64)).view(np.int64))
    for column in arrivals.values[order].T:
        out.values(np.ascontiguousarray(column))
    for flags in (arrivals.bad, arrivals.history):
        out.flags(flags[order] if flags is not None and flags.any() else None)
    devices = [arrivals.devices[k] for k in used.tolist()]
    head = [
        devices,
        counts.tolist(),
        list(arrivals.channels),
        int(arrivals.pieces),
        out.said,
        *([context] if any(context) else []),
    ]
    named = json.dumps(head, separators=(",", ":"), ensure_ascii=True).encode()
    return _MAGIC + zlib.compress(b"".join((len(named).to_bytes(4, "little"), named, *out.blocks)), level)


def decode(message: bytes) -> Arrivals:
    """Return the readings in a message: those of a device in their order, those of several in order of arrival.

    Raises
    ------
    InputError
        If it is damaged, or no message of an edge.
    """
    return decode_with_context(message)[0]


def decode_with_context(message: bytes) -> tuple[Arrivals, Context]:
    """Return the readings in a message, and the context that its edge forwards around strange ones.

    Raises
    ------
    InputError
        If it is damaged, or no message of an edge.
    """
    try:
        if message[: len(_MAGIC)] != _MAGIC:
            raise ValueError("it begins otherwise")
        unpacking = zlib.decompressobj()
        body = unpacking.decompress(message[len(_MAGIC) :], LARGEST)
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("it is cut short, or too long")
        return _opened(body)
    except (zlib.error, ValueError, TypeError, OverflowError, StopIteration, RecursionError):
        raise InputError(
            "It is no message of an edge, or is damaged.", remedy="Look at what publishes under that topic."
        ) from None


def raw_bytes(arrivals: Arrivals) -> int:
    """Return the bytes of JSON that sensors would have published, a message for each reading.

    For readings of a source whose messages nobody counted.

    >>> some = Arrivals(("pump-1",), ("temp",), np.array([0]), np.array([5]), np.array([[21.5]]), np.array([7]))
    >>> raw_bytes(some) == len('{"time": "1970-01-01T00:00:00.000Z", "temp": 21.5}')
    True
    """
    total = _BARE * len(arrivals)
    for name, column in zip(arrivals.channels, arrivals.values.T, strict=True):
        known = column[~np.isnan(column)].tolist()
        total += len(f', "{name}": ') * len(known) + sum(map(len, map(repr, known)))
    return total


def _opened(body: bytes) -> tuple[Arrivals, Context]:
    size = int.from_bytes(body[:4], "little")
    if size > _LONGEST:
        raise ValueError("it names too much")
    devices, counts, channels, pieces, said, *told = json.loads(body[4 : 4 + size])
    _check_names(devices)
    _check_names(channels)
    rows = sum(counts)
    if min(counts, default=0) < 1 or len(counts) != len(devices) or rows * (len(channels) + 3) * 8 > LARGEST:
        raise ValueError("the numbers of readings cannot be")
    columns = PlanesIn(said, body[4 + size :], rows)
    time = columns.integers()
    arrived = (columns.integers().view(np.uint64) + time.view(np.uint64)).view(np.int64)
    values = np.array([columns.values() for _ in channels]).reshape(len(channels), rows).T
    bad, history = columns.flags(values.shape), columns.flags((rows,))
    columns.check_end()
    device = np.repeat(np.arange(len(counts)), counts)
    found = Arrivals(
        tuple(devices),
        tuple(channels),
        device,
        time,
        np.ascontiguousarray(values),
        arrived,
        bad=bad,
        history=history,
        pieces=bool(pieces),
    )
    return found.take(_by_arrival(device, arrived)), _context(told)


def _context(told: list[list[int]]) -> Context:
    """Return the context that a message tells of."""
    if not told:
        return NO_CONTEXT
    ((before, after),) = told
    return int(before), int(after)


def _by_arrival(device: IntArray, arrived: IntArray) -> IntArray:
    """Return the order in which readings of several devices came, without ever changing that of one device."""
    came = arrived.copy()
    starts = np.flatnonzero(np.diff(device, prepend=-1))
    for start, stop in zip(starts.tolist(), [*starts.tolist()[1:], len(came)], strict=True):
        came[start:stop] = np.maximum.accumulate(came[start:stop])
    return np.argsort(came, kind="stable")


def _check_names(names: object) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError("names are missing")
