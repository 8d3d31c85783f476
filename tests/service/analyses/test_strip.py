"""Few points that hide nothing: buckets by hand, and against NumPy over any stretch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.engine.scorer import Scorer, load
from tocsin.service.analyses.judged import Judged, judge
from tocsin.service.analyses.strip import Strip, bucket_starts
from tocsin.sources import Table, open_table

ROWS = 700


@pytest.fixture(scope="module")
def scorer(keen: Path) -> Scorer:
    return load(keen)


def frame(rows: int, *, seed: int = 0, **columns: Any) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    temp = 20 + np.arange(rows) % 7 + random.normal(0, 0.1, rows)
    temp[random.integers(0, rows, rows // 40)] += 60
    temp[random.integers(0, rows, rows // 40)] = np.nan
    when = np.datetime64("2024-01-01T00:00:00", "ms") + np.arange(rows) * np.timedelta64(60, "s")
    plain = {"time": when, "temp": temp, "hum": 50.0 + np.arange(rows) % 5}
    return pl.DataFrame({**plain, **columns}).with_columns(pl.col("temp").fill_nan(None))


def judged(scorer: Scorer, table: pl.DataFrame) -> Judged:
    return judge(scorer, open_table(table, expect=scorer.artifact.layout))


@pytest.fixture(scope="module")
def strip(scorer: Scorer) -> Strip:
    return judged(scorer, frame(ROWS)).strip(None)


def test_two_points_a_bucket_by_hand(scorer: Scorer) -> None:
    values = [20.0, 26.0, 21.0, 22.0, 19.0, 23.0, 25.0, 24.0, 18.0, 27.0, 20.5, 21.5]
    found = judged(scorer, frame(12, temp=np.array(values))).strip(None)
    drawn = found.drawn(slice(0, 12), channels=["temp"], points=6)
    assert drawn["time"][:4] == [f"2024-01-01T00:{minute:02}:00Z" for minute in (0, 3, 4, 7)]
    assert drawn["channels"]["temp"]["value"] == [20.0, 26.0, 19.0, 25.0, 18.0, 27.0]
    assert (drawn["rows"], drawn["drawn"], drawn["exact"]) == (12, 6, False)


def test_a_bucket_begins_with_the_extreme_that_its_first_value_is_nearer_to(scorer: Scorer) -> None:
    found = judged(scorer, frame(8, temp=np.array([30.0, 10, 11, 12, 9.0, 31, 30, 29]))).strip(None)
    drawn = found.drawn(slice(0, 8), channels=["temp"], points=4)
    assert drawn["channels"]["temp"]["value"] == [30.0, 10.0, 9.0, 31.0]


def test_what_fits_is_drawn_as_it_is(strip: Strip) -> None:
    drawn = strip.drawn(slice(0, ROWS), channels=None, points=ROWS)
    assert drawn["exact"]
    np.testing.assert_array_equal(np.array(drawn["channels"]["temp"]["value"]), strip.values[0])
    np.testing.assert_array_equal(np.array(drawn["score"]), strip.verdicts.score)
    assert len(drawn["time"]) == ROWS
    assert drawn["anomalies"]["all"] == len(drawn["anomalies"]["time"]) == int(strip.verdicts.anomaly.sum())


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, ROWS - 1), length=st.integers(1, ROWS), points=st.integers(2, 200))
def test_no_extreme_is_lost_over_any_stretch(strip: Strip, first: int, length: int, points: int) -> None:
    part = slice(first, min(first + length, ROWS))
    drawn = strip.drawn(part, channels=None, points=points)
    for k, name in enumerate(("temp", "hum")):
        shown, own = np.array(drawn["channels"][name]["value"]), strip.values[k, part]
        if np.isnan(own).all():
            assert np.isnan(shown).all()
            continue
        assert (np.nanmin(shown), np.nanmax(shown)) == (np.nanmin(own), np.nanmax(own))
    assert len(drawn["time"]) == len(drawn["score"]) == len(drawn["limit"]) == drawn["drawn"] <= points + 2
    found = strip.verdicts.anomaly[part]
    assert drawn["anomalies"]["all"] == int(found.sum())
    starts = bucket_starts(part.stop - part.start, points, cuts=np.zeros(0, np.int64))
    held = np.add.reduceat(found, starts) > 0
    assert len(drawn["anomalies"]["time"]) == (int(found.sum()) if drawn["exact"] else int(held.sum()))


@settings(max_examples=40, deadline=None)
@given(points=st.integers(2, 100))
def test_each_buckets_extremes_are_those_of_its_readings(strip: Strip, points: int) -> None:
    drawn = strip.drawn(slice(0, ROWS), channels=["temp"], points=points)
    starts = bucket_starts(ROWS, points, cuts=np.zeros(0, np.int64))
    pairs = np.sort(np.array(drawn["channels"]["temp"]["value"]).reshape(-1, 2), axis=1)
    for pair, own in zip(pairs, np.split(strip.values[0], starts[1:]), strict=True):
        np.testing.assert_array_equal(pair, [np.nanmin(own), np.nanmax(own)])


def test_the_worst_anomaly_of_a_bucket_is_kept(strip: Strip) -> None:
    drawn = strip.drawn(slice(0, ROWS), channels=["temp"], points=2)
    worst = int(np.nanargmax(strip.verdicts.score - strip.verdicts.limit))
    assert drawn["anomalies"]["score"] == [strip.verdicts.score[worst]]
    assert drawn["anomalies"]["values"]["temp"] == [strip.values[0, worst]]


def test_a_zoom_shows_each_reading_and_one_more_on_either_side(strip: Strip) -> None:
    part = strip.between(strip.time[100] - 1, strip.time[110] + 1)
    assert part == slice(99, 112)
    assert strip.between(strip.time[100], strip.time[110]) == slice(99, 112)
    assert strip.between(None, None) == slice(0, ROWS)
    assert strip.between(int(strip.time[-1]) + 10, None) == slice(ROWS - 1, ROWS)
    assert strip.between(None, int(strip.time[0]) - 10) == slice(0, 1)
    assert strip.between(int(strip.time[5]), int(strip.time[3])).stop >= 0
    assert strip.drawn(part, channels=None, points=20)["exact"]


def test_a_stretch_the_wrong_way_round_is_empty(strip: Strip) -> None:
    drawn = strip.drawn(strip.between(int(strip.time[500]), int(strip.time[3])), channels=None, points=20)
    assert (drawn["rows"], drawn["time"], drawn["since"]) == (0, [], None)


def test_buckets_never_reach_over_a_gap(scorer: Scorer) -> None:
    table = frame(200)
    holed = table.with_columns(
        pl.when(pl.int_range(pl.len()) >= 77).then(pl.col("time") + pl.duration(hours=9)).otherwise(pl.col("time"))
    )
    found = judged(scorer, holed).strip(None)
    drawn = found.drawn(slice(0, 200), channels=None, points=20)
    assert drawn["gaps"] == [["2024-01-01T01:16:00Z", "2024-01-01T10:17:00Z"]]
    place = drawn["time"].index("2024-01-01T01:16:00Z")
    assert drawn["time"][place + 1] == "2024-01-01T10:17:00Z"
    assert place % 2 == 1


def test_readings_out_of_order_are_drawn_in_order(scorer: Scorer) -> None:
    table = frame(50)
    found = judged(scorer, table[::-1]).strip(None)
    assert (np.diff(found.time) > 0).all()
    np.testing.assert_array_equal(found.values[1], table["hum"].to_numpy())


def test_labels_and_stretches_without_a_score_are_told(scorer: Scorer) -> None:
    label = np.isin(np.arange(60), [10, 11, 12, 30]).astype(int)
    table: Table = open_table(frame(60, anomaly=label), expect=scorer.artifact.layout)
    found = judge(scorer, table).strip(None)
    drawn = found.drawn(slice(0, 60), channels=None, points=100)
    assert drawn["labels"] is None
    assert drawn["away"][0] == ["2024-01-01T00:00:00Z", "2024-01-01T00:03:00Z", "warming"]


def test_a_table_without_times_is_drawn_by_row(scorer: Scorer) -> None:
    from tocsin.sources import Overrides

    path_free = frame(60).drop("time")
    table = open_table(path_free, overrides=Overrides(time_format="row"), expect=scorer.artifact.layout)
    found = judge(scorer, table).strip(None)
    drawn = found.drawn(found.between(10, 20), channels=None, points=100)
    assert (drawn["row_clock"], drawn["since"], drawn["until"]) == (True, 9, 21)
    assert drawn["time"] == list(range(9, 22))


def test_expectations_lie_within_their_band(strip: Strip) -> None:
    told = strip.drawn(slice(0, 100), channels=["temp"], points=100)["channels"]["temp"]
    low, expected, high = (np.array(told[name], np.float64) for name in ("low", "expected", "high"))
    known = ~np.isnan(expected)
    assert known.any()
    assert ((low <= expected) & (expected <= high))[known].all()
    own = strip.expected[0, :100].astype(np.float64)
    np.testing.assert_allclose(expected[known], own[known], rtol=1e-5)
