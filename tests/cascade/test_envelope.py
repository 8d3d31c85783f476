"""Envelopes: what was signed arrives; any other byte, another key, another edge's is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.signing_key import SigningKey
from tocsin.artifact.trust import Trust
from tocsin.cascade.envelope import Envelope, stated_version
from tocsin.core.errors import ArtifactError


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[SigningKey, Trust]:
    place = tmp_path_factory.mktemp("keys")
    key = SigningKey.make(place / "plant.key")
    return key, Trust.read([place / "plant.pub"])


@pytest.fixture(scope="module")
def sent() -> Envelope:
    windows = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    return Envelope("hall-3", 7, "install", "", "small.tocsin", b"PK" * 50, windows, np.array([0.5, 2.0]))


def test_what_was_sent_arrives(sent: Envelope, keys: tuple[SigningKey, Trust]) -> None:
    key, trust = keys
    found = Envelope.decode(sent.encode(key), trust)
    for name in ("edge", "version", "order", "duty", "name", "artifact"):
        assert getattr(found, name) == getattr(sent, name)
    np.testing.assert_array_equal(found.windows, sent.windows)
    np.testing.assert_array_equal(found.scores, sent.scores)
    assert stated_version(sent.encode(key)) == 7


def test_an_order_to_roll_back_carries_nothing(keys: tuple[SigningKey, Trust]) -> None:
    found = Envelope.decode(Envelope("hall-3", 8, "roll back").encode(keys[0]), keys[1])
    assert (found.order, found.artifact, len(found.windows)) == ("roll back", b"", 0)


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 10**6), by=st.integers(1, 255))
def test_any_other_byte_is_refused(sent: Envelope, keys: tuple[SigningKey, Trust], place: int, by: int) -> None:
    body = bytearray(sent.encode(keys[0]))
    body[place % len(body)] ^= by
    with pytest.raises(ArtifactError):
        Envelope.decode(bytes(body), keys[1])


def test_a_strangers_push_is_refused(sent: Envelope, keys: tuple[SigningKey, Trust], tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="not trusted"):
        Envelope.decode(sent.encode(SigningKey.make(tmp_path / "other.key")), keys[1])


@settings(max_examples=40, deadline=None)
@given(message=st.binary(max_size=100))
def test_anything_else_is_refused_in_a_sentence(message: bytes, keys: tuple[SigningKey, Trust]) -> None:
    for body in (message, b"tocsin push 1\0" + message):
        with pytest.raises(ArtifactError):
            Envelope.decode(body, keys[1])
        assert stated_version(body) >= 0


@pytest.mark.parametrize(
    "head", [b"[" * 60_000, b'{"version": Infinity}', b'{"version": "x"}', b'{"version": [1]}', b"7"]
)
def test_a_head_that_was_written_to_do_harm_is_refused(head: bytes, keys: tuple[SigningKey, Trust]) -> None:
    message = b"tocsin push 1\0" + len(head).to_bytes(4, "little") + bytes(8) + head
    assert stated_version(message) == 0
    with pytest.raises(ArtifactError, match="cannot be read"):
        Envelope.decode(message, keys[1])
