from __future__ import annotations

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError
from tocsin.core.forwards import NO_CONTEXT, decode, decode_with_context, encode, raw_bytes
from tocsin.testing.live_fleet import LiveFleet

WHOLE = st.integers(-(1 << 63), (1 << 63) - 1)
WRITTEN = st.decimals(-10_000, 10_000, places=3, allow_nan=False).map(float)
VALUE = st.one_of(WRITTEN, st.floats(), st.sampled_from([np.nan, -0.0, np.inf]))


@st.composite
def arrivals(draw: st.DrawFn) -> Arrivals:
    rows, channels = draw(st.integers(1, 12)), draw(st.integers(0, 3))
    devices = draw(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=4, unique=True))
    shape = (rows, channels)
    return Arrivals(
        tuple(devices),
        tuple(f"c{k}" for k in range(channels)),
        draw(hnp.arrays(np.int64, rows, elements=st.integers(0, len(devices) - 1))),
        draw(hnp.arrays(np.int64, rows, elements=WHOLE)),
        draw(hnp.arrays(np.float64, shape, elements=VALUE)),
        draw(hnp.arrays(np.int64, rows, elements=WHOLE)),
        bad=draw(st.none() | hnp.arrays(np.bool_, shape)),
        history=draw(st.none() | hnp.arrays(np.bool_, rows)),
        pieces=draw(st.booleans()),
    )


def rows_of(some: Arrivals, device: str) -> list[object]:
    """Return a device's readings, each to the bit; of values that are missing, that they are."""
    bits = np.where(np.isnan(some.values), 0, some.values.view(np.int64))
    bad = np.zeros(some.values.shape, np.bool_) if some.bad is None else some.bad
    old = np.zeros(len(some), np.bool_) if some.history is None else some.history
    return [
        (some.time[k], some.arrived[k], bits[k].tolist(), np.isnan(some.values[k]).tolist(), bad[k].tolist(), old[k])
        for k in range(len(some))
        if some.devices[some.device[k]] == device
    ]


@given(arrivals())
def test_readings_come_back_bit_for_bit_and_in_order(some: Arrivals) -> None:
    found = decode(encode(some))
    assert (found.channels, found.pieces, len(found)) == (some.channels, some.pieces, len(some))
    for device in some.devices:
        assert rows_of(found, device) == rows_of(some, device)


def test_devices_come_in_order_of_arrival_among_one_another() -> None:
    fleet = LiveFleet(devices=3, readings=20).arrivals()
    stamped = replace(fleet, arrived=fleet.time + np.arange(len(fleet)))
    assert np.array_equal(decode(encode(stamped)).device, stamped.device)


def test_a_time_that_cannot_be_read_stays_so() -> None:
    some = Arrivals(("a",), ("t",), np.zeros(2, np.int64), np.array([NEVER, 5]), np.ones((2, 1)), np.array([7, 8]))
    assert decode(encode(some)).time.tolist() == [NEVER, 5]


def test_values_with_few_decimals_take_few_bytes() -> None:
    fleet = LiveFleet(devices=4, readings=128)
    said = sum(len(message.payload) for message in fleet.messages())
    assert raw_bytes(fleet.arrivals()) == said
    assert len(encode(fleet.arrivals())) < 0.12 * said


@given(st.binary(max_size=60))
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    for message in (raw, b"tF1" + raw, b"tF1" + zlib.compress(raw)):
        with pytest.raises(InputError):
            decode(message)


@given(place=st.integers(0, 1_000), change=st.integers(1, 255))
@example(place=166, change=2)
def test_a_changed_byte_never_changes_a_reading(place: int, change: int) -> None:
    """It is refused, but for the bits that fill the last byte of DEFLATE up and mean nothing."""
    sent = LiveFleet(devices=2, readings=9).arrivals()
    message = bytearray(encode(sent))
    message[place % len(message)] ^= change
    try:
        found = decode(bytes(message))
    except InputError:
        return
    assert place % len(message) == len(message) - 5
    assert np.array_equal(found.values, sent.values)
    assert np.array_equal(found.time, sent.time)


@pytest.mark.parametrize(
    "head",
    [
        [["a"], [10**12], ["t"], 0, [[0, 1, 0, 0], [0, 1, 0, 0], 0, 0, [0, 1, 0, 0], 0, 0]],
        [["a"], [-1], [], 0, [[0, 1, 0, 0], [0, 1, 0, 0], 0, 0]],
        [["a", "a"], [1, 1], [], 0, [[0, 1, 0, 0], [0, 1, 0, 0], 0, 0]],
        [["a"], [1], [], 0, [[0, 1, 0, 0], [0, 1, 0, 0], 0, 0, 0]],
        [["a"], [1], [], 0, [[0, 1, 0, 9], [0, 1, 0, 0], 0, 0]],
        [["a"], [1], [], 0, [[0, 1, 1 << 60, 0], [0, 1, 0, 0], 0, 0]],
        [["a"], [1], [], 0, [[0, 1, -1, 0], [0, 1, 0, 0], 0, 0]],
        [["a"], [1], [], 0, []],
        {"a": 1},
        7,
    ],
)
def test_a_message_that_lies_is_refused(head: object) -> None:
    said = json.dumps(head).encode()
    with pytest.raises(InputError):
        decode(b"tF1" + zlib.compress(len(said).to_bytes(4, "little") + said))


@pytest.mark.parametrize("flood", [bytes(80 << 20), (6 << 20).to_bytes(4, "little") + b"[" + b"[]," * (2 << 20)])
def test_a_message_that_unpacks_to_a_flood_is_refused(flood: bytes) -> None:
    with pytest.raises(InputError):
        decode(b"tF1" + zlib.compress(flood, 1))


@pytest.mark.parametrize("context", [NO_CONTEXT, (0, 5), (64, 32)])
def test_the_context_of_an_edge_travels_with_its_readings(context: tuple[int, int]) -> None:
    sent = LiveFleet(devices=2, readings=5).arrivals()
    found, told = decode_with_context(encode(sent, context=context))
    assert (told, found.time.tolist()) == (context, sent.time.tolist())
