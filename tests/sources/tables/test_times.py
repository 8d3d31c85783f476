from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.errors import SettingError
from tocsin.sources import Overrides, open_table
from tocsin.sources.tables._times import parse_times

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 10**9
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
NEW_YEAR = 1_704_067_200 * SECOND  # 2024-01-01 00:00 UTC


def read(texts: list[str | None], time_format: str, timezone: str = "UTC") -> list[int]:
    times: list[int] = parse_times([pl.Series("t", texts, dtype=pl.String)], time_format, timezone=timezone).tolist()
    return times


@pytest.mark.parametrize(
    ("text", "time_format", "seconds"),
    [
        ("2024-01-01 00:00:05", "iso", 5),
        ("2024-01-01T00:00:05", "iso", 5),
        ("2024-01-01 00:10", "iso", 600),
        ("2024-01-02", "iso", 86_400),
        ("2024-01-01T00:00:05Z", "iso", 5),
        ("2024-01-01T02:00:05+02:00", "iso", 5),
        ("2023-12-31 18:30:05-0530", "iso", 5),
        ("2024-01-01 01:00:05+01", "iso", 5),
        (" 2024-01-01 00:00:05 ", "iso", 5),
        ("2024.01.01.00.00.05", "%Y.%m.%d.%H.%M.%S", 5),
        ("01-Jan-24 0:00:05", "%d-%b-%y %H:%M:%S", 5),
        ("1/2/2024 12:00:05 AM", "%m/%d/%Y %I:%M:%S %p", 86_405),
        ("1704067205", "epoch_s", 5),
        ("1704067205000", "epoch_ms", 5),
        ("1704067205000000", "epoch_us", 5),
        ("1704067205000000000", "epoch_ns", 5),
    ],
)
def test_formats(text: str, time_format: str, seconds: int) -> None:
    assert read([text, None], time_format) == [NEW_YEAR + seconds * SECOND, NEVER]


def test_fractions_keep_their_digits() -> None:
    texts = ["2024-01-01 00:00:00.5", "2024-01-01 00:00:00.123456789", "2024-01-01 00:00:00,25"]
    assert [ns - NEW_YEAR for ns in read(list(texts), "iso")] == [500_000_000, 123_456_789, 250_000_000]


def test_fractional_epochs_are_exact_to_the_microsecond() -> None:
    assert read(["1704067200.100001", "1704067200"], "epoch_s") == [NEW_YEAR + 100_001_000, NEW_YEAR]


def test_small_elapsed_times_are_exact_to_the_nanosecond() -> None:
    assert read(["0.00001953125", "0.0000390625"], "epoch_s") == [19_531, 39_062]


@pytest.mark.parametrize("text", ["soon", "2024-13-01", "2024-02-30 00:00:00", "0001-01-01 00:00:00", "9999-12-31"])
def test_what_cannot_be_read_is_never(text: str) -> None:
    assert read(["2024-01-01 00:00:00", text], "iso") == [NEW_YEAR, NEVER]


@pytest.mark.parametrize("text", ["1e300", "inf", "nan", "99999999999999", "text"])
def test_epochs_beyond_64_bits_are_never(text: str) -> None:
    assert read([text], "epoch_s") == [NEVER]


def test_a_skipped_hour_takes_the_offset_before_and_a_repeated_one_is_the_first() -> None:
    skipped, repeated = read(["2024-03-31 02:30:00", "2024-10-27 02:30:00"], "iso", "Europe/Berlin")
    assert skipped == int(datetime(2024, 3, 31, 1, 30, tzinfo=UTC).timestamp()) * SECOND
    assert repeated == int(datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp()) * SECOND


@pytest.mark.parametrize("minutes", [1, 10, 15, 30, 45, 60])
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("native", [True, False])
def test_regular_readings_stay_so_when_the_clock_goes_back(minutes: int, zone: str, native: bool) -> None:
    utc = pl.datetime_range(datetime(2024, 1, 1), datetime(2024, 12, 30), f"{minutes}m", time_zone="UTC", eager=True)
    local = utc.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    column = local if native else local.dt.strftime("%d.%m.%Y %H:%M")
    times = parse_times([column], "iso" if native else "%d.%m.%Y %H:%M", timezone=zone)
    assert set(np.diff(times).tolist()) == {minutes * 60 * SECOND}


def test_each_device_has_its_own_repeated_hour() -> None:
    stamps = pl.Series([f"2024-10-27 0{hour}:{minute}0:00" for hour in (1, 2, 2, 3) for minute in range(6)])
    both = pl.Series([text for text in stamps for _ in range(2)])
    times = parse_times([both], "iso", timezone="Europe/Berlin", device=np.tile([0, 1], 24))
    for own in (times[::2], times[1::2]):
        assert set(np.diff(own).tolist()) == {600 * SECOND}


def test_in_the_repeated_hour_stragglers_and_stamps_with_a_zone_mean_what_they_say() -> None:
    texts = [f"2024-10-27 {clock}" for clock in ("01:40", "01:50", "02:00", "02:10", "02:30", "02:20", "02:40")]
    steps = np.diff(read(list(texts), "iso", "Europe/Berlin")) // SECOND
    assert steps.tolist() == [600, 600, 600, 1200, -600, 1200]
    zoned = ["2024-10-27 02:50:00+02:00", "2024-10-27 02:00:00+02:00"]
    assert np.diff(read(list(zoned), "iso", "Europe/Berlin")).tolist() == [-3000 * SECOND]


def test_two_columns_are_joined() -> None:
    date, clock = pl.Series("d", ["25-Apr-19", "25-Apr-19"]), pl.Series("c", [" 19:19:40 ", "8:59:02"])
    times = parse_times([date, clock], "%d-%b-%y %H:%M:%S", timezone="UTC")
    assert [datetime.fromtimestamp(ns // SECOND, UTC).isoformat() for ns in times.tolist()] == [
        "2019-04-25T19:19:40+00:00",
        "2019-04-25T08:59:02+00:00",
    ]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Asia/Tokyo"])
def test_native_times(unit: str, zone: str | None) -> None:
    stamps = pl.Series([datetime(2024, 1, 1, 9), None], dtype=pl.Datetime(unit)).dt.replace_time_zone(zone)  # type: ignore[arg-type]
    assert parse_times([stamps], "iso", timezone="Asia/Tokyo").tolist() == [NEW_YEAR, NEVER]


def test_native_dates() -> None:
    days = pl.Series([datetime(2024, 1, 1)]).cast(pl.Date)
    assert parse_times([days], "iso", timezone="UTC").tolist() == [NEW_YEAR]


def test_unknown_zone() -> None:
    with pytest.raises(SettingError, match="There is no time zone 'Mars'"):
        read(["2024-01-01"], "iso", "Mars")


stamps = st.lists(st.datetimes(datetime(1970, 1, 2), datetime(2036, 1, 1)), min_size=1, max_size=20)


@settings(deadline=None, max_examples=40)
@given(stamps, st.sampled_from(ZONES))
def test_naive_stamps_agree_with_the_standard_library(naive: list[datetime], zone: str) -> None:
    expected = [(moment.replace(tzinfo=ZoneInfo(zone)) - EPOCH) // timedelta(microseconds=1) * 1000 for moment in naive]
    column = pl.Series([str(moment) for moment in naive])
    alone = np.arange(len(naive))  # nothing before a stamp may tell which pass it belongs to
    assert parse_times([column], "iso", timezone=zone, device=alone).tolist() == expected


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-(2**40), 2**40), min_size=1), st.sampled_from(["epoch_s", "epoch_ms", "epoch_us"]))
def test_whole_epochs_are_exact(amounts: list[int], time_format: str) -> None:
    unit = {"epoch_s": SECOND, "epoch_ms": 10**6, "epoch_us": 1000}[time_format]
    expected = [amount * unit if abs(amount * unit) < 2**63 else NEVER for amount in amounts]
    assert read([str(amount) for amount in amounts], time_format) == expected
    assert parse_times([pl.Series(amounts)], time_format, timezone="UTC").tolist() == expected


def test_float_columns_of_epochs() -> None:
    column = pl.Series([1_704_067_200.25, None, np.nan])
    assert parse_times([column], "epoch_s", timezone="UTC").tolist() == [NEW_YEAR + 250_000_000, NEVER, NEVER]


def test_decimal_columns_of_epochs_keep_their_fraction() -> None:
    column = pl.Series(["1704067200.25"]).cast(pl.Decimal(20, 2))
    assert parse_times([column], "epoch_s", timezone="UTC").tolist() == [NEW_YEAR + 250_000_000]


def test_a_table_in_local_time_has_no_unordered_readings_when_the_clock_goes_back() -> None:
    stamps = [f"2024-10-27 0{hour}:{minute}0:00" for hour in (1, 2, 2, 3) for minute in range(6)]
    frame = pl.DataFrame({"time": stamps * 2, "machine": ["a"] * 24 + ["b"] * 24, "temp": np.arange(48) % 7})
    table = open_table(frame, overrides=Overrides(timezone="Europe/Berlin"))
    assert table.cadence.regular
    assert not {"unordered", "duplicates"} & {finding.topic for finding in table.quality.findings}
