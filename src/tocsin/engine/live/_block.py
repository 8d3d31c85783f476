"""Arrivals as bytes for the journal: quick to write, without pickle, and never misread where they are damaged."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError

_MAGIC = b"tocsinJ1"
_HEAD = struct.Struct("<8sIIIIIqBB")
"""Magic with version, checksum of all behind it, readings, channels, devices, bytes of names, shift, bad?, marks."""
_HISTORY, _PIECES = 1, 2
"""Marks: is it told which readings are history; does a message bring one channel?"""
_SUMMED = 12
"""Where what the checksum covers begins."""


def encoded(arrivals: Arrivals) -> bytes:
    """Return arrivals as bytes.

    Examples
    --------
    >>> some = Arrivals(("pump-1",), ("temp",), np.array([0]), np.array([5]), np.array([[21.5]]), np.array([7]))
    >>> decoded(encoded(some)).values.tolist()
    [[21.5]]
    """
    names = _joined(arrivals)
    head = _HEAD.pack(
        _MAGIC,
        0,
        len(arrivals),
        len(arrivals.channels),
        len(arrivals.devices),
        len(names),
        arrivals.shift_ns,
        arrivals.bad is not None,
        _HISTORY * (arrivals.history is not None) + _PIECES * arrivals.pieces,
    )
    columns = [
        arrivals.device.astype("<u4").tobytes(),
        np.ascontiguousarray(arrivals.time, "<i8").tobytes(),
        np.ascontiguousarray(arrivals.arrived, "<i8").tobytes(),
        np.ascontiguousarray(arrivals.values, "<f8").tobytes(),
        *(np.packbits(flags).tobytes() for flags in (arrivals.bad, arrivals.history) if flags is not None),
    ]
    body = b"".join((head[_SUMMED:], names, *columns))
    return _MAGIC + zlib.crc32(body).to_bytes(4, "little") + body


def decoded(block: bytes) -> Arrivals:
    """Return the arrivals that :func:`encoded` wrote.

    Raises
    ------
    InputError
        If the block is damaged, or of a newer version.
    """
    if len(block) < _HEAD.size or block[: len(_MAGIC)] != _MAGIC:
        raise InputError("This is no block of a journal, or one of a newer version.", remedy="Update tocsin.")
    _, checksum, rows, channels, devices, length, shift_ns, bad, marks = _HEAD.unpack_from(block)
    if zlib.crc32(memoryview(block)[_SUMMED:]) != checksum:
        raise InputError("A block of the journal is damaged.", remedy="What it held is lost; check the disk.")
    names = _parted(block[_HEAD.size : _HEAD.size + length], devices + channels)
    columns = _Columns(block, _HEAD.size + length)
    return Arrivals(
        tuple(names[:devices]),
        tuple(names[devices : devices + channels]),
        columns.numbers("<u4", rows).astype(np.int64),
        columns.numbers("<i8", rows),
        arrived=columns.numbers("<i8", rows),
        values=columns.numbers("<f8", rows * channels).reshape(rows, channels),
        bad=columns.flags(rows * channels).reshape(rows, channels) if bad else None,
        history=columns.flags(rows) if marks & _HISTORY else None,
        gone=tuple((name, when) for name, when in json.loads(names[-1])),
        shift_ns=shift_ns,
        pieces=bool(marks & _PIECES),
    )


class _Columns:
    """Arrays that lie one behind the other."""

    def __init__(self, block: bytes, at: int) -> None:
        self._block, self._at = block, at

    def numbers(self, kind: str, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._block, kind, count, self._at)
        self._at += found.nbytes
        return found

    def flags(self, count: int) -> BoolArray:
        return np.unpackbits(self.numbers("u1", -(-count // 8)), count=count).astype(np.bool_)


def _joined(arrivals: Arrivals) -> bytes:
    """Return all names in one text behind their lengths, since a device may be called anything."""
    names = (*arrivals.devices, *arrivals.channels, json.dumps(arrivals.gone))
    lengths = np.fromiter(map(len, names), "<u4", len(names))
    return lengths.tobytes() + "".join(names).encode(errors="surrogatepass")


def _parted(names: bytes, count: int) -> Sequence[str]:
    lengths = np.frombuffer(names, "<u4", count + 1)
    text = names[lengths.nbytes :].decode(errors="surrogatepass")
    return [text[start:end] for start, end in pairwise(accumulate(lengths.tolist(), initial=0))]
