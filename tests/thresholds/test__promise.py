"""A budget as people write it, and what it means for one device and one reading."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._promise import Promise

MINUTE = 60 * 10**9
DAY = 24 * 60


def reference(devices: int = 1, *, row_clock: bool = False) -> Reference:
    time = np.arange(1, 11) * (1 if row_clock else MINUTE)
    period = 1 if row_clock else MINUTE
    return Reference(
        np.zeros(10 * devices),
        np.tile(time, devices),
        np.repeat(np.arange(devices), 10),
        period_ns=period,
        row_clock=row_clock,
    )


@pytest.mark.parametrize(
    ("text", "alarms_a_device_day"),
    [
        ("1 per device per day", 1.0),
        ("one per device per week", 1 / 7),
        ("1 per device per 2 weeks", 1 / 14),
        ("half per device per day", 0.5),
        ("1/4 per device per day", 0.25),
        (".25 per device per day", 0.25),
        ("2 false alarms per device per hour", 48.0),
        ("3 Alarms per device per days", 3.0),
        ("2 per device per month", 2 / 30.436875),
        ("1 per device per year", 1 / 365.2425),
        ("1 per 1000 readings", DAY / 1000),
        ("1 per device per 1000 readings", DAY / 1000),
        ("6 per day", 2.0),
        ("at most one false alarm per device per week", 1 / 7),
        ("No more than 3 per week per device.", 3 / 7),
        ("once a week for each device", 1 / 7),
        ("ten alarms a device and day", 10.0),
        ("3/week", 1 / 7),
        ("6/2 days", 1.0),
        ("twice every 2 days per device", 1.0),
    ],
)
def test_a_budget_is_a_rate_of_each_device(text: str, alarms_a_device_day: float) -> None:
    assert Promise.parse(text).rate(reference(devices=3)) * DAY == pytest.approx(alarms_a_device_day)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "few",
        "1",
        "1 per",
        "1 per device",
        "0 per day",
        "-1 per day",
        "1/0 per day",
        "nan per day",
        "1 per fortnight",
        "per device per week",
        "1 per machine per week",
        "many per day",
        "1 per 0 days",
        "1e400 per day",
    ],
)
def test_what_is_no_budget_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(SettingError, match="is no budget of false alarms") as refused:
        Promise.parse(text)
    assert "1 per device per week" in refused.value.remedy


def test_without_a_clock_only_readings_can_be_counted() -> None:
    rows = reference(row_clock=True)
    with pytest.raises(SettingError, match="no clock") as refused:
        Promise.parse("2 per device per week").rate(rows)
    assert "budget:2 per 1000 readings" in refused.value.remedy
    assert Promise.parse("2 per 1000 readings").rate(rows) == 0.002


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("one per device per week", "1 false alarm per device per week"),
        ("0.5 per device per 2 weeks", "0.5 false alarms per device per 2 weeks"),
        ("3 per 1000 readings", "3 false alarms per 1000 readings"),
    ],
)
def test_it_is_said_back_in_one_way(text: str, words: str) -> None:
    assert str(Promise.parse(text)) == words
    assert Promise.parse(str(Promise.parse(text))) == Promise.parse(text)
