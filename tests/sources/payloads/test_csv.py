from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrivals import Arrivals, DeadLetter, Message
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload

EXPECT = Expected(channels=("temp", "hum"))
NOON = 1_769_860_800 * 10**9


def read(
    *payloads: bytes, columns: str = "", expect: Expected = EXPECT, pattern: str = "plant/+/env"
) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
    payload = open_payload(f"csv:{columns}", expect, Topics(pattern).names)
    return payload.read([Message("plant/pump-1/env", raw, 9) for raw in payloads])


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (b"2026-01-31T12:00:00Z,21.5,40", ""),
        (b"1769860800,21.5,40\n", ""),
        (b'"2026-01-31 12:00:00","21.5","40"\r\n', ""),
        (b"2026-01-31 12:00:00;21,5;40", ""),
        (b"2026-01-31 12:00:00;21.5;40", ""),
        (b"40\t21,5\t1769860800000", "hum,temp,time"),
        (b"x|1769860800|ok|21.5|40", ",time,,temp,hum"),
        (b"time,temp,hum\n1769860800,21.5,40\n", ""),
        (b"\xef\xbb\xbf1769860800,21.5,40", ""),
        (b"\n1769860800, 21.5 , 40\n\n", ""),
        (b"2026-01-31;12:00:00;21,5;40", "date,time,temp,hum"),
    ],
)
def test_the_ways_loggers_write_a_line(line: bytes, columns: str) -> None:
    some, dead = read(line, columns=columns)
    assert not dead
    assert (some.devices, some.time.tolist(), some.values.tolist()) == (("pump-1",), [NOON], [[21.5, 40.0]])


def test_a_line_may_name_its_device() -> None:
    some, _ = read(b"a,1,20,30\nb,1,21,31", columns="device,time,temp,hum", pattern="plant/pump-1/env")
    assert some.devices == ("a", "b")


def test_fields_that_are_empty_are_missing() -> None:
    some, dead = read(b"1769860800,,NA")
    assert not dead
    assert np.isnan(some.values).all()


def test_only_the_bad_line_is_put_aside() -> None:
    some, dead = read(b"1,20,30\n2,hot,31\n3,22\n4,23,33")
    assert some.values[:, 0].tolist() == [20, 23]
    assert sorted(letter.reason[:30] for letter in dead) == [
        "It has 2 fields where 3 are wa",
        'temp is "hot": no number. Send',
    ]


@pytest.mark.parametrize("raw", [b"\xff\xff", b"1,2,3" * 300_000])
def test_what_is_no_text_is_put_aside(raw: bytes) -> None:
    some, dead = read(raw)
    assert (len(some), len(dead)) == (0, 1)
    assert len(dead[0].payload) <= 4_096


@pytest.mark.parametrize("columns", ["time,temp,temp", ",,"])
def test_columns_have_names_of_their_own(columns: str) -> None:
    with pytest.raises(SettingError, match="columns=time,temp,hum"):
        read(columns=columns)
    with pytest.raises(SettingError, match="columns=time,temp,hum"):
        read(expect=Expected())


@given(st.lists(st.binary() | st.text(alphabet='0123456789,;."\n\t-x').map(str.encode)))
def test_nothing_that_is_sent_raises(payloads: list[bytes]) -> None:
    some, _ = read(*payloads, b"1769860800,21.5,40")
    assert len(some) >= 1
