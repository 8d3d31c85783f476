from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tocsin.core.arrays import NEVER, BoolArray, FloatArray
from tocsin.core.schema import Channel
from tocsin.sources import Cadence, Finding, open_table
from tocsin.sources.tables._checks import channel_findings, steps_of, time_findings

MINUTE = 60 * 10**9


def one_device(values: FloatArray) -> BoolArray:
    return np.asarray(np.arange(len(values)) == 0)


def told(channel: Channel, values: FloatArray) -> list[tuple[str, int]]:
    return [(finding.topic, finding.count) for finding in channel_findings(channel, values, one_device(values), 0)]


def test_times() -> None:
    minutes = np.array([0, 1, 3, 2, 2, 10])
    time = np.append(minutes * MINUTE, NEVER)
    findings = time_findings(np.zeros(7, np.int64), time, Cadence(MINUTE, regular=True))
    assert [(finding.topic, finding.count) for finding in findings] == [
        ("missing times", 1),
        ("unordered", 1),
        ("duplicates", 1),
        ("gaps", 1),
    ]
    assert findings[-1].text == "1 gap, the longest of 7 min"


def test_an_irregular_table_has_gaps_only_where_it_pauses_long() -> None:
    time = np.array([0, 1, 4, 5, 30]) * MINUTE
    findings = time_findings(np.zeros(5, np.int64), time, Cadence(MINUTE, regular=False))
    assert [(finding.topic, finding.count) for finding in findings] == [("gaps", 1)]


def test_steps_never_lead_from_one_device_to_another() -> None:
    device, time = np.array([0, 1, 0, 1, 0]), np.array([5, 100, 3, 101, 9])
    assert steps_of(device, time, by_time=False).tolist() == [-2, 6, 1]
    assert steps_of(device, time, by_time=True).tolist() == [2, 4, 1]


def test_constant_and_missing() -> None:
    assert told(Channel("a"), np.array([5.0, np.nan, 5.0])) == [("missing", 1), ("constant", 2)]
    assert told(Channel("a"), np.full(3, np.nan)) == [("missing", 3)]


def test_stuck_for_long_in_a_channel_that_varies() -> None:
    values = np.random.default_rng(0).normal(size=1_000)
    values[300:400] = 7.0
    findings = channel_findings(Channel("a"), values, one_device(values), 0)
    assert findings == [Finding("warning", "stuck", "a", 100, "a: stuck at 7 for 100 readings")]
    values[300:359], values[359:400] = 7.0, np.arange(41)
    assert channel_findings(Channel("a"), values, one_device(values), 0) == []


def test_a_value_at_which_a_channel_rests_is_not_stuck() -> None:
    values = np.random.default_rng(0).normal(size=3_000)
    for start in (100, 1_000, 2_000):
        values[start : start + 100] = 0.0
    assert told(Channel("light"), np.abs(values)) == []


def test_runs_end_where_another_device_begins() -> None:
    values = np.concatenate([np.arange(100.0), np.full(80, 3.0), np.arange(100.0)])
    starts = np.isin(np.arange(len(values)), [0, 140])
    assert channel_findings(Channel("a"), values, starts, 0) == []
    assert told(Channel("a"), values) == [("stuck", 80)]


@pytest.mark.parametrize(
    ("channel", "values", "count"),
    [
        (Channel("humidity"), [50.0, 101.0, -1.0], 2),
        (Channel("rel humidity", "%"), [50.0, 100.0, 0.0], 0),
        (Channel("HumidityRatio"), [0.004, 200.0], 0),
        (Channel("absolute_humidity"), [4.0, 200.0], 0),
        (Channel("Air temperature", "K"), [298.0, -1.0], 1),
        (Channel("temp", "°C"), [-274.0, -273.0, 20.0], 1),
        (Channel("light"), [-1.0, 5.0], 1),
        (Channel("pressure"), [-1.0, 5.0], 0),
    ],
)
def test_physical_range(channel: Channel, values: list[float], count: int) -> None:
    assert told(channel, np.array(values)) == ([("range", count)] if count else [])


def test_the_report_in_words_and_as_values() -> None:
    stamps = pl.Series([0, 60, 60, 240, 180]).cast(pl.Int64) + 1_704_067_200
    quality = open_table(pl.DataFrame({"ts": stamps, "temp_c": [20.0, -300.0, 22.0, None, 21.0]})).quality
    assert quality.lines() == (
        "5 readings of 1 device, 2024-01-01 00:00 to 2024-01-01 00:04 UTC (4 min), irregular, mostly every 1 min",
        "warning: 1 reading stands after a later one of the same device",
        "warning: 1 reading repeats a time of the same device",
        "note: temp_c: 1 missing (20 %)",
        "warning: temp_c: 1 below -273.15 °C",
    )
    assert quality.as_dict()["findings"][0]["topic"] == "unordered"
    cadence = {"period_ns": MINUTE, "regular": False, "row_clock": False, "slowest_ns": MINUTE}
    assert quality.as_dict()["cadence"] == cadence


def test_an_oddity_of_many_channels_is_told_briefly() -> None:
    frame = pl.DataFrame({f"c{k}": [1.0, 1.0] for k in range(10)})
    assert open_table(frame).quality.lines()[1:] == (
        "warning: c0: constant at 1",
        "warning: c1: constant at 1",
        "warning: c2: constant at 1",
        "warning: c3: constant at 1",
        "warning: constant in 6 more channels",
    )
