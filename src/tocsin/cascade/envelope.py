"""The envelope in which an artifact is sent to an edge: signed whole, for one edge, in one order, with its proof."""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal, Self

import numpy as np

from tocsin.artifact.signing_key import SigningKey
from tocsin.artifact.trust import Trust
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import ArtifactError

Order = Literal["install", "roll back"]

LARGEST = 200 << 20
"""Bytes of a message; brokers take 256 MB at most (MQTT 5, 2.1.4), and many are set to less."""

_MAGIC = b"tocsin push 1\0"
_HEAD = struct.Struct("<IQ")
_SIGNATURE = 64
_UNREADABLE = (ValueError, KeyError, TypeError, OverflowError, RecursionError, struct.error)
"""What reading a head that somebody wrote to do harm may end in."""
_REMEDY = "Have it pushed again: tocsin push"


@dataclass(frozen=True, eq=False)
class Envelope:
    """What an edge is told to judge with from now on.

    The signature is over everything: the edge's name, so that it is of no use to another; the version, which must be
    greater than any that the edge has seen, so that nothing old comes back; the artifact and the proof.

    Parameters
    ----------
    edge
        Whom it is for.
    version
        Grows with each order; the seconds since 1970 when it was given, as a rule.
    order
        "install" the artifact, or "roll back" to the one that was in force before the present one.
    duty
        Name of the duty whose artifact it is; "" for the only one.
    name
        What the file is called, for people.
    artifact
        The file's bytes, signed as a file, too; none where the order is to roll back.
    windows
        ndarray of shape (n, window, channels), float32: golden windows.
    scores
        ndarray of shape (n,), float64: what they scored where the artifact was pushed from; the edge must agree.
    """

    edge: str
    version: int
    order: Order = "install"
    duty: str = ""
    name: str = ""
    artifact: bytes = b""
    windows: Float32Array = field(default_factory=lambda: np.zeros((0, 0, 0), np.float32))
    scores: FloatArray = field(default_factory=lambda: np.zeros(0))

    def encode(self, key: SigningKey) -> bytes:
        """Return the envelope as a message, signed."""
        head = {
            "edge": self.edge,
            "version": self.version,
            "order": self.order,
            "duty": self.duty,
            "name": self.name,
            "key": key.name,
            "sha256": sha256(self.artifact).hexdigest(),
            "shape": list(self.windows.shape),
        }
        text = json.dumps(head).encode()
        body = io.BytesIO()
        body.write(_MAGIC + _HEAD.pack(len(text), len(self.artifact)) + text + self.artifact)
        body.write(self.windows.astype("<f4").tobytes() + self.scores.astype("<f8").tobytes())
        return body.getvalue() + key.sign(body.getvalue())

    @classmethod
    def decode(cls, message: bytes, trust: Trust) -> Self:
        """Return the envelope in a message, once its signature has been found good.

        Parameters
        ----------
        message
            As it came.
        trust
            Whose signature it must bear.

        Raises
        ------
        ArtifactError
            If it is none, was altered, or nobody trusted has signed it.
        """
        try:
            head, end = _head_of(message)
            trust.check(message[:-_SIGNATURE], key=str(head["key"]), signature=message[-_SIGNATURE:], what="The push")
            return cls._of(head, message[end:-_SIGNATURE], _HEAD.unpack_from(message, len(_MAGIC))[1])
        except _UNREADABLE as error:
            raise ArtifactError(f"The push cannot be read ({error}).", remedy=_REMEDY) from None

    @classmethod
    def _of(cls, head: dict[str, Any], body: bytes, size: int) -> Self:
        artifact, rest = body[:size], body[size:]
        shape = tuple(int(side) for side in head["shape"])
        if len(shape) != 3 or min(shape) < 0 or len(rest) != 4 * int(np.prod(shape, dtype=object)) + 8 * shape[0]:
            raise ValueError("its golden windows have another shape")
        if sha256(artifact).hexdigest() != head["sha256"] or head["order"] not in ("install", "roll back"):
            raise ValueError("its parts do not fit")
        split = len(rest) - 8 * shape[0]
        return cls(
            edge=str(head["edge"]),
            version=int(head["version"]),
            order=head["order"],
            duty=str(head["duty"]),
            name=str(head["name"]),
            artifact=artifact,
            windows=np.frombuffer(rest[:split], "<f4").reshape(shape).astype(np.float32),
            scores=np.frombuffer(rest[split:], "<f8").astype(np.float64),
        )


def stated_version(message: bytes) -> int:
    """Return the version that a message states, whoever wrote it; 0 where it is no push."""
    try:
        return int(_head_of(message)[0]["version"])
    except _UNREADABLE:
        return 0


def _head_of(message: bytes) -> tuple[dict[str, Any], int]:
    """Return what stands at a message's beginning, unchecked, and where that ends."""
    if not message.startswith(_MAGIC) or len(message) > LARGEST:
        raise ValueError("it is no push of tocsin's, or of another version")
    length, _ = _HEAD.unpack_from(message, len(_MAGIC))
    start = len(_MAGIC) + _HEAD.size
    head = json.loads(message[start : start + min(length, 1 << 16)])
    if not isinstance(head, dict):
        raise ValueError("its head is none")
    return head, start + length
