from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload

EXPECT = Expected(channels=("temp", "hum"), missing=("unavailable",))


def read(*payloads: bytes, channel: str = "temp") -> tuple[Arrivals, tuple[DeadLetter, ...]]:
    payload = open_payload("value", EXPECT, Topics("plant/{device}/{channel}").names)
    return payload.read([Message(f"plant/pump-1/{channel}", raw, 9) for raw in payloads])


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b"21.5", 21.5),
        (b" 21.5\n", 21.5),
        (b'"21.5"', 21.5),
        (b"+21.50", 21.5),
        (b"on", None),
        (b"true", 1.0),
        (b"FALSE", 0.0),
        (b"", np.nan),
        (b"null", np.nan),
        (b"unavailable", np.nan),
        (b"n/a", np.nan),
        (b"nan", np.nan),
        (b'{"value": 21.5}', 21.5),
        (b'{"temp": "21.5", "unit": "C"}', 21.5),
        (b'{"v": true}', 1.0),
        (b'{"val": {}}', None),
        (b'{"unit": "C"}', None),
        (b"[21.5]", None),
        (b"21,5", None),
        (b"\xff", None),
        (b"1" * 5_000, None),
    ],
)
def test_a_value_is_a_number_or_a_dead_letter(payload: bytes, value: float | None) -> None:
    some, dead = read(payload)
    if value is None:
        assert (len(some), len(dead)) == (0, 1)
        assert dead[0].reason.endswith(".")
    else:
        assert not dead
        assert np.array_equal(some.values, np.array([[value, np.nan]]), equal_nan=True)
        assert (some.devices, some.time.tolist()) == (("pump-1",), [9])


def test_the_time_may_come_with_it() -> None:
    some, _ = read(b'{"value": 40, "time": "2026-01-31T12:00:00Z"}', channel="hum")
    assert some.time.tolist() == [1_769_860_800 * 10**9]
    assert some.values[0, 1] == 40


def test_a_channel_that_nobody_wants_is_told() -> None:
    _, dead = read(b"1", channel="uptime")
    assert "uptime is none of the channels wanted (temp, hum)" in dead[0].reason


def test_the_topic_must_name_the_channel() -> None:
    payload = open_payload("value", EXPECT, Topics("plant/+/temp").names)
    _, dead = payload.read([Message("plant/pump-1/temp", b"1", 9)])
    assert "{channel}" in dead[0].reason


@given(st.lists(st.binary()))
def test_nothing_that_is_sent_raises(payloads: list[bytes]) -> None:
    some, dead = read(*payloads)
    assert len(some) + len(dead) == len(payloads)
