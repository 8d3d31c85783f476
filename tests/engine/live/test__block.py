from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError
from tocsin.engine.live._block import decoded, encoded

NAMES = st.lists(st.text(max_size=8), max_size=4, unique=True).map(tuple)
ANY_TIME = st.integers(-(2**63), 2**63 - 1)


@st.composite
def blocks(draw: st.DrawFn) -> Arrivals:
    devices, channels = draw(NAMES), draw(NAMES)
    rows = draw(st.integers(0, 5)) if devices else 0
    wide = (rows, len(channels))
    flags = st.none() | arrays(np.bool_, wide)
    return Arrivals(
        devices,
        channels,
        draw(arrays(np.int64, rows, elements=st.integers(0, max(0, len(devices) - 1)))),
        draw(arrays(np.int64, rows, elements=ANY_TIME)),
        draw(arrays(np.float64, wide)),
        draw(arrays(np.int64, rows, elements=ANY_TIME)),
        bad=draw(flags),
        history=draw(st.none() | arrays(np.bool_, rows)),
        gone=tuple(draw(st.lists(st.tuples(st.text(max_size=5), ANY_TIME), max_size=2))),
        shift_ns=draw(ANY_TIME),
    )


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return one == other


@given(blocks())
def test_what_was_written_is_read_to_the_last_bit(block: Arrivals) -> None:
    found = decoded(encoded(block))
    assert all(same(value, getattr(found, name)) for name, value in vars(block).items())


def test_a_name_may_hold_half_a_character_as_json_allows() -> None:
    none = Arrivals.none()
    block = Arrivals(("\ud800",), (), none.device, none.time, none.values, none.arrived)
    assert decoded(encoded(block)).devices == ("\ud800",)


def some() -> bytes:
    when = np.arange(3)
    return encoded(Arrivals(("pump-1",), ("temp",), when * 0, when, when[:, None] / 3, when, shift_ns=7))


@given(st.integers(0, len(some()) - 1), st.integers(1, 255))
def test_a_changed_byte_is_told(place: int, by: int) -> None:
    damaged = bytearray(some())
    damaged[place] ^= by
    with pytest.raises(InputError, match=r"damaged|no block"):
        decoded(bytes(damaged))


@given(st.integers(0, len(some()) - 1))
def test_a_truncated_block_is_told(length: int) -> None:
    with pytest.raises(InputError, match=r"damaged|no block"):
        decoded(some()[:length])


def test_a_newer_version_is_told() -> None:
    with pytest.raises(InputError, match="newer"):
        decoded(b"tocsinJ2" + some()[8:])


def test_that_channels_come_one_by_one_is_told() -> None:
    for pieces in (False, True):
        assert decoded(encoded(replace(Arrivals.none(), pieces=pieces))).pieces is pieces
