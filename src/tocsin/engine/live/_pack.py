"""Arrays as bytes for the store: versioned, with a checksum, so that what was cut short is told and never misread."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.errors import ArtifactError

_MARK = b"tocsin\x00\x01"
"""What a block begins with; the last byte is the format's version."""

_HEAD = struct.Struct("<8sII")
"""Mark, checksum of all that follows it, length of the table of contents."""


@dataclass(frozen=True, eq=False)
class Packed:
    """What is in a block.

    Parameters
    ----------
    owner
        What it belongs to.
    names
        Texts.
    arrays
        By name.
    """

    owner: str
    names: tuple[str, ...]
    arrays: Mapping[str, npt.NDArray[Any]]


def pack(packed: Packed) -> bytes:
    """Return a block that :func:`unpack` reads.

    >>> block = pack(Packed("me", ("pump-1",), {"count": np.array([3])}))
    >>> unpack(block, "a part").arrays["count"].tolist()
    [3]
    """
    arrays = {name: np.ascontiguousarray(array) for name, array in packed.arrays.items()}
    table = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    contents = json.dumps([packed.owner, list(packed.names), table], ensure_ascii=False).encode()
    body = b"".join([contents, *(array.tobytes() for array in arrays.values())])
    return _HEAD.pack(_MARK, zlib.crc32(body, len(contents)), len(contents)) + body


def unpack(block: bytes, name: str) -> Packed:
    """Return what is in a block.

    Raises
    ------
    ArtifactError
        If it was cut short or changed, or is from a newer tocsin; ``name`` says which block it is.
    """
    mark, checksum, length = _HEAD.unpack_from(block) if len(block) >= _HEAD.size else (b"", 0, 0)
    if mark[:7] == _MARK[:7] and mark != _MARK:
        raise ArtifactError(
            f"The state of {name} was written by a newer tocsin.", remedy="Install the tocsin that wrote it."
        )
    body = memoryview(block)[_HEAD.size :]
    if mark != _MARK or zlib.crc32(body, length) != checksum:
        raise ArtifactError(
            f"The state of {name} is damaged.",
            remedy="Restore the store from a backup; or give another store, and all devices start anew.",
        )
    owner, names, table = json.loads(bytes(body[:length]))
    return Packed(owner, tuple(names), _arrays(body[length:], table))


def _arrays(body: memoryview, table: Sequence[tuple[str, str, list[int]]]) -> dict[str, npt.NDArray[Any]]:
    found, start = {}, 0
    for name, kind, shape in table:
        dtype, count = np.dtype(kind), math.prod(shape)
        found[name] = np.frombuffer(body, dtype, count, start).reshape(shape)
        start += count * dtype.itemsize
    return found
