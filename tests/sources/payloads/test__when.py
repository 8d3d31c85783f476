from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.live import Expected
from tocsin.sources.payloads._iso import read_alike
from tocsin.sources.payloads._when import read_times
from tocsin.sources.tables._times import parse_times

MOMENTS = st.datetimes(datetime(1680, 1, 1), datetime(2260, 1, 1))
ENDINGS = st.sampled_from(["", "Z", "+01:00", "-03:30", "+14:00"])


def of_a_file(texts: list[str], timezone: str = "UTC") -> list[int]:
    return [int(time) for time in parse_times([pl.Series(texts, dtype=pl.String)], "iso", timezone=timezone)]


@given(st.lists(st.tuples(MOMENTS, ENDINGS, st.sampled_from("T ")), min_size=1), st.booleans(), st.integers(0, 9))
def test_iso_stamps_are_read_as_from_a_file(moments: list[tuple[datetime, str, str]], alike: bool, digits: int) -> None:
    """Whether all are written alike or each in its own way."""
    fraction = f".{'123456789'[:digits]}" if digits else ""
    texts = [
        moment.strftime(f"%Y-%m-%d{moments[0][2] if alike else joint}%H:%M:%S").rjust(19, "0")
        + fraction
        + (moments[0][1] if alike else ending)
        for moment, ending, joint in moments
    ]
    assert read_times(texts, Expected()).tolist() == of_a_file(texts)


@given(st.lists(st.text(alphabet="0123456789-:.TZ +x", min_size=1, max_size=30), min_size=1))
@example(["2023-02-30T00:00:00"])
@example(["2024-02-29T23:59:60Z"])
@example(["2024-02-29T24:00:00Z"])
@example(["２024-02-29T23:00:00"])
@example(["9999-12-31T00:00:00Z"])
@example(["2024-01-01T00:00:00+99:00"])
@example(["2024-01-01T00:00:00+24:00"])
def test_what_is_no_stamp_is_none_as_in_a_file(texts: list[str]) -> None:
    told = [text for text in texts if not text.strip().lstrip("-").replace(".", "").isdecimal()]
    assert read_times(told, Expected()).tolist() == of_a_file(told)


@pytest.mark.parametrize("hour", range(1, 4))
def test_local_stamps_are_read_in_their_zone(hour: int) -> None:
    """Around both turns of the clock: 2024-03-31 has no 02:30, 2024-10-27 has two."""
    texts = [f"2024-{day}T0{hour}:{minute}:00" for day in ("03-31", "10-27") for minute in ("00", "30")]
    assert read_times(texts, Expected(timezone="Europe/Berlin")).tolist() == of_a_file(texts, "Europe/Berlin")
    zoned = [text + "Z" for text in texts]
    assert read_times(zoned, Expected(timezone="Europe/Berlin")).tolist() == of_a_file(zoned)


def test_a_hand_computed_stamp() -> None:
    """31 days and 2:59:59 after 2026 began."""
    expected = (1_767_225_600 + 31 * 86_400 + 10_799) * 10**9 + 123_000_000
    assert read_times(["2026-01-31T23:59:59.123000-03:00"], Expected()).tolist() == [expected]


@pytest.mark.parametrize(
    ("written", "ns"),
    [
        (1_700_000_000, 1_700_000_000 * 10**9),
        (1_700_000_000.25, 1_700_000_000_250_000_000),
        (1_700_000_000_123, 1_700_000_000_123_000_000),
        (1_700_000_000_123_456, 1_700_000_000_123_456_000),
        (1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        ("1700000000", 1_700_000_000 * 10**9),
        (" 1700000000123 ", 1_700_000_000_123_000_000),
        ("1700000000.5", 1_700_000_000_500_000_000),
        (-5, -5 * 10**9),
        (0, 0),
        (True, NEVER),
        (None, NEVER),
        ("soon", NEVER),
        ("", NEVER),
        (float("nan"), NEVER),
        (float("inf"), NEVER),
        (10**30, NEVER),
        (-(10**30), NEVER),
        ([1], NEVER),
        ({}, NEVER),
    ],
)
def test_numbers_count_in_the_unit_of_their_size(written: object, ns: int) -> None:
    assert read_times([written], Expected()).tolist() == [ns]
    mixed = read_times([written, "2026-01-01T00:00:00Z", 7, 7.5, None], Expected()).tolist()
    assert mixed == [ns, 1_767_225_600 * 10**9, 7 * 10**9, 7_500_000_000, NEVER]


def test_the_format_says_the_unit() -> None:
    for name, unit in (("epoch_s", 10**9), ("epoch_ms", 10**6), ("epoch_us", 1_000), ("epoch_ns", 1)):
        expect = Expected(time_format=name)
        assert read_times([5, 5.0, "5"], expect).tolist() == [5 * unit] * 3


def test_a_pattern_is_tried_first() -> None:
    expect = Expected(time_format="%d/%m/%Y %H:%M")
    texts = ["31/01/2026 12:00", "2026-01-31T12:00:00", "1769860800", "soon"]
    assert read_times(texts, expect).tolist() == [1_769_860_800 * 10**9] * 3 + [NEVER]
    compact = Expected(time_format="%Y%m%d%H%M%S")
    assert read_times([20260131120000], compact).tolist() == [1_769_860_800 * 10**9]
    assert read_times(["20260131120000"], compact).tolist() == [1_769_860_800 * 10**9]


@given(st.lists(st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans()), max_size=20))
def test_any_values_are_read_or_never(values: list[object]) -> None:
    found = read_times(values, Expected())
    assert found.shape == (len(values),)
    assert found.dtype == np.int64


def test_blocks_that_are_not_alike_are_left_to_the_general_way() -> None:
    assert read_alike([]) is None
    assert read_alike(["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z"]) is None


def test_without_polars_messages_are_read_the_same() -> None:
    """What devices send: numbers with a fraction, stamps of several lengths and zones, and what is no time at all."""
    code = """
import sys
sys.modules["polars"] = None
from tocsin.core.live import Expected
from tocsin.sources.payloads._when import read_times
WRITTEN = [1700000000.123456, 1.7e12, 1700000000, "2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00",
           "2026-01-31 12:00:00.123456", "1700000000.25", "yesterday", None]
print([int(time) for time in read_times(WRITTEN, Expected())])
"""
    without = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    own = subprocess.run(
        [sys.executable, "-c", code.replace('sys.modules["polars"] = None', "")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert without.stdout == own.stdout
    assert without.stdout.count(str(NEVER)) == 2
