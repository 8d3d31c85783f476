"""Quiet hours and maintenance, held to another implementation: Python's own clock on the wall, time by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting._zone import on_the_wall
from tocsin.alerting.calendar import Calendar
from tocsin.alerting.maintenance import Maintenance
from tocsin.alerting.quiet_hours import QuietHours
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.errors import SettingError

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "Africa/Casablanca")
SECOND, HOUR = 10**9, 3600 * 10**9


def at(*moments: str) -> IntArray:
    return np.array(moments, "datetime64[ns]").astype(np.int64)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(ZONES), st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=20))
def test_the_clock_on_the_wall_is_pythons(zone: str, seconds: list[int]) -> None:
    time = np.array(seconds) * SECOND
    expected = [datetime.fromtimestamp(s, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) for s in seconds]
    found = [datetime(1970, 1, 1) + timedelta(seconds=int(local)) for local in on_the_wall(time, zone) // SECOND]
    assert found == expected


def test_a_whole_day_of_a_change_is_right_to_the_second() -> None:
    time = at("2026-03-29T00:59:59", "2026-03-29T01:00:00", "2026-10-25T00:59:59", "2026-10-25T01:00:00")
    assert ((on_the_wall(time, "Europe/Berlin") - time) // HOUR).tolist() == [1, 2, 2, 1]
    assert on_the_wall(np.array([[NEVER]]), "UTC").tolist() == [[NEVER]]


def test_a_night_lasts_till_six_by_the_wall_on_both_sides_of_a_change() -> None:
    night = QuietHours.parse("22:00-06:00 Europe/Berlin")
    spring = at("2026-03-28T20:59", "2026-03-28T21:00", "2026-03-29T03:59", "2026-03-29T04:00", "2026-03-29T20:00")
    assert night.cover(spring).tolist() == [False, True, True, False, True]
    autumn = at("2026-10-24T19:59", "2026-10-24T20:00", "2026-10-25T04:59", "2026-10-25T05:00", "2026-10-25T21:00")
    assert night.cover(autumn).tolist() == [False, True, True, False, True]


def test_an_hour_that_happens_twice_is_quiet_twice_and_one_that_is_skipped_not_at_all() -> None:
    small = QuietHours.parse("02:15-02:45 Europe/Berlin")
    assert small.cover(at("2026-10-25T00:30", "2026-10-25T01:30")).tolist() == [True, True]
    assert not small.cover(at("2026-03-29T00:00") + np.arange(0, 4 * HOUR, 60 * SECOND)).any()


def test_days_are_those_on_which_the_hours_begin() -> None:
    friday = QuietHours.parse("Fri 22:00-06:00")
    assert friday.cover(at("2026-11-20T23:00", "2026-11-21T05:00", "2026-11-21T23:00")).tolist() == [True, True, False]
    weekend = QuietHours.parse("Sat,Sun")
    assert weekend.cover(
        at("2026-11-20T23:59", "2026-11-21T00:00", "2026-11-22T23:59", "2026-11-23T00:00")
    ).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert QuietHours.parse("Mon-Fri 12:00-13:00").days == (0, 1, 2, 3, 4)
    assert QuietHours.parse("Sat-Mon").days == (0, 5, 6)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 1439), st.integers(1, 1439), st.lists(st.integers(0, 2**31), min_size=1))
def test_hours_are_those_of_a_plain_reading_of_the_clock(
    zone: str, start: int, length: int, seconds: list[int]
) -> None:
    stop = (start + length) % 1440
    hours = QuietHours(tuple(range(7)), start, stop, zone)
    for second, quiet in zip(seconds, hours.cover(np.array(seconds) * SECOND), strict=True):
        local = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        assert quiet == ((minute - start) % 1440 < length)


@pytest.mark.parametrize(
    "wrong", ["", "22-06", "22:00-22:00", "25:00-26:00", "22:61-23:00", "Someday", "22:00-06:00 Atlantis", "Sat Sun"]
)
def test_what_are_no_quiet_hours_is_refused(wrong: str) -> None:
    with pytest.raises(SettingError):
        QuietHours.parse(wrong)


@pytest.mark.parametrize(
    "wrong",
    ["2026-03-01T08:00Z", "2026-03-01T08:00/2026-03-01T12:00", "2026-03-01T12:00Z/2026-03-01T08:00Z", "now/then"],
)
def test_what_is_no_maintenance_is_refused(wrong: str) -> None:
    with pytest.raises(SettingError):
        Maintenance.parse(wrong)


def test_maintenance_lasts_as_long_as_windows_hold_it_and_is_of_the_devices_it_names() -> None:
    works = ["2026-03-01T08:00Z/2026-03-01T09:00Z", "2026-03-01T20:00Z/2026-03-01T21:00+00:00 pump-*"]
    own = Calendar.parse([], works, reach_ns=HOUR // 2)
    concern = own.concern(["pump-1", "fan", ""])
    assert concern.tolist() == [[True, True], [True, False], [True, False]]
    time = np.tile(at("2026-03-01T07:59", "2026-03-01T08:00", "2026-03-01T09:29", "2026-03-01T09:30"), (3, 1))
    assert own.spared(time, concern).tolist() == [[False, True, True, False]] * 3
    late = np.tile(at("2026-03-01T20:30"), (3, 1))
    assert own.spared(late, concern).tolist() == [[True], [False], [False]]
