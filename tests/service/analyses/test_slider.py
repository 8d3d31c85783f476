"""The slider says what an artifact with that limit would say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.engine.scorer import Scorer, load
from tocsin.service.analyses.judged import Judged, judge
from tocsin.sources import Overrides, Table, open_table
from tocsin.thresholds.fixed import Fixed

ROWS = 400


def readings(seed: int = 0) -> pl.DataFrame:
    """Two pumps whose temperature leaps now and then."""
    random = np.random.default_rng(seed)
    temp = 20 + np.arange(ROWS) % 7 + random.normal(0, 0.4, ROWS)
    for start in random.integers(0, ROWS - 8, 12).tolist():
        temp[start : start + 6] += random.uniform(0.5, 12)
    minute = np.datetime64("2024-01-01T00:00:00", "ms") + np.arange(ROWS) // 2 * np.timedelta64(60, "s")
    pump = np.where(np.arange(ROWS) % 2, "a", "b")
    return pl.DataFrame({"time": minute, "pump": pump, "temp": temp, "hum": 50.0 + np.arange(ROWS) % 5})


@pytest.fixture(scope="module")
def scorer(keen: Path) -> Scorer:
    return load(keen)


@pytest.fixture(scope="module")
def table(scorer: Scorer) -> Table:
    return open_table(readings(), overrides=Overrides(device="pump"), expect=scorer.artifact.layout)


@pytest.fixture(scope="module")
def found(scorer: Scorer, table: Table) -> Judged:
    return judge(scorer, table)


def with_limit(scorer: Scorer, limit: float, **policy: Any) -> Scorer:
    own = scorer.artifact
    limits = Fixed(limit).fit(Reference.of(np.zeros(0))).limits
    calibration = replace(own.calibration, limits=limits)
    return Scorer(replace(own, calibration=calibration, policy=replace(own.policy, **policy)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.floats(0.05, 20), raise_after=st.integers(1, 5), cooldown=st.sampled_from([0, 0, 7]))
def test_it_rings_as_an_artifact_with_that_limit_would(
    scorer: Scorer, table: Table, times: float, raise_after: int, cooldown: int
) -> None:
    policy = {"raise_after": raise_after, "cooldown": cooldown}
    base = getattr(scorer.artifact.calibration.limits, "limit")  # noqa: B009  # some limits move
    told = judge(with_limit(scorer, base, **policy), table).slider.at(times)
    real = with_limit(scorer, told["limit"], **policy).judge(table)
    assert told["limit"] == base * times
    assert told["rung"] == len(real.incidents)
    stamps = [(table.devices[one.device], *real.stamps(np.array([one.start, one.end]))) for one in real.incidents]
    assert [(one["device"], one["start"], one["end"]) for one in told["incidents"]] == stamps


def test_it_rings_as_scored_where_it_stands(found: Judged) -> None:
    assert found.slider.at(1.0)["rung"] == len(found.scored.incidents) > 0


def test_the_same_place_is_worked_out_once(found: Judged) -> None:
    assert found.slider.at(1.25) is found.slider.at(1.25)


def test_a_rate_is_told_per_week(found: Judged, table: Table) -> None:
    told = found.slider.at(0.5)
    scores = int(np.isfinite(found.scored.verdicts.score).sum())
    weeks = scores / 2 * 60 / 604_800  # of two devices, a minute apart
    assert told["unit"] == "per week"
    assert told["per_week"] == pytest.approx(told["rung"] / weeks, rel=0.01)
    assert told["proven"] > told["per_week"]
    assert told["text"].startswith(f"This would have rung {told['rung']} times in 3.32 h, ")
    del table


def test_nothing_rings_above_all_scores(found: Judged) -> None:
    told = found.slider.at(1e5)
    assert (told["rung"], told["incidents"], told["per_week"]) == (0, [], 0.0)
    assert told["text"] == "This would never have rung in 3.32 h."


def test_labels_tell_which_are_false(scorer: Scorer) -> None:
    temp = 20.0 + np.arange(120) % 7
    temp[40:48] += 40
    temp[80:88] += 40
    when = np.datetime64("2024-01-01T00:00:00", "ms") + np.arange(120) * np.timedelta64(60, "s")
    label = np.isin(np.arange(120), np.arange(40, 48)).astype(int)
    frame = pl.DataFrame({"time": when, "temp": temp, "hum": 50.0 + np.arange(120) % 5, "bad": label})
    table = open_table(frame, overrides=Overrides(label="bad"), expect=scorer.artifact.layout)
    told = judge(scorer, table).slider.at(1.0)
    assert (told["rung"], told["false"], told["events"], told["caught"]) == (2, 1, 1, 1)
    assert "1 false alarm, " in told["text"]
    assert told["text"].endswith("it would have told of 1 of 1 labelled event.")


def test_without_times_a_rate_is_told_per_thousand_readings(scorer: Scorer) -> None:
    frame = readings().filter(pl.col("pump") == "a").drop("time", "pump")
    table = open_table(frame, overrides=Overrides(time_format="row"), expect=scorer.artifact.layout)
    told = judge(scorer, table).slider.at(0.5)
    assert told["unit"] == "per 1000 readings"
    assert all(isinstance(one["start"], int) for one in told["incidents"])
    assert "in 200 readings" in told["text"]


@pytest.mark.parametrize("times", [0.0, -1.0, float("inf"), float("nan"), 1e9])
def test_what_is_no_multiple_is_refused(times: float, found: Judged) -> None:
    with pytest.raises(SettingError, match="is none to try"):
        found.slider.at(times)
