"""What other settings would have made of a history: the very incidents that an artifact with them would tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.metrics.event_wise import event_metrics
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.fit import train
from tocsin.training.recalibrate import recalibrate
from tocsin.training.recipe import Recipe
from tocsin.training.whatif import Asked, Setting, WhatIf, what_if

BEGIN = np.datetime64("2024-03-01", "ns")
WEEK = 7 * 24 * 12
LABELLED = Overrides(label="anomaly", device="pump")


def readings(n: int = WEEK, *, seed: int = 0, devices: tuple[str, ...] = ("p", "q")) -> pl.DataFrame:
    """Return readings of pumps, one in five minutes; at 500, 900 and 1200 something is wrong with the first."""
    rng, place = np.random.default_rng(seed), np.arange(n)
    wrong = ((place >= 500) & (place < 520)) | ((place >= 900) & (place < 906)) | (place == 1200)
    frames = [
        pl.DataFrame(
            {
                "time": BEGIN + place * np.timedelta64(300, "s"),
                "pump": [name] * n,
                "flow": rng.normal(5, 1, n) + (6 * wrong + 20 * (place == 1200) if name == "p" else 0),
                "heat": rng.normal(60, 2, n),
                "anomaly": (wrong & (name == "p")).astype(int),
            }
        )
        for name in devices
    ]
    return pl.concat(frames)


@pytest.fixture(scope="module")
def pumps() -> Artifact:
    recipe = Recipe(detector="pca", window=2, threshold="percentile:98", raise_after=2)
    return train(open_table(readings(seed=1), overrides=LABELLED), recipe)


def opened(artifact: Artifact, frame: pl.DataFrame) -> Table:
    over = LABELLED if "anomaly" in frame.columns else replace(LABELLED, label="")
    return open_table(frame, overrides=over, expect=artifact.layout)


@pytest.fixture(scope="module")
def found(pumps: Artifact) -> WhatIf:
    return what_if(pumps, opened(pumps, readings(seed=2)), Asked())


def by_wait(found: WhatIf, wait: str) -> list[Setting]:
    return [one for one in found.settings if one.wait == wait]


def test_each_setting_rings_as_an_artifact_with_it_does(pumps: Artifact, found: WhatIf) -> None:
    """The whole way anew, for a dozen settings: recalibrate, score, and judge as ``tocsin evaluate`` would."""
    table = opened(pumps, readings(seed=2))
    for one in found.settings[::4]:
        asked: dict[str, Any] = {"threshold": f"fixed:{one.limit:.10g}"} if not one.in_force else {}
        scorer = recalibrate(pumps, alarm={"raise_after": int(one.wait.split()[0])}, **asked)
        scored = scorer.judge(table)
        outcome = outcome_of(scored)
        judged = event_metrics(
            outcome.labels, outcome.told, scored=outcome.scored, time=outcome.time, device=outcome.device
        )
        held = outcome.labels | np.roll(outcome.labels, 1)  # by the windows, which are of two readings
        false = event_metrics(held, outcome.told, scored=outcome.scored, time=outcome.time, device=outcome.device)
        assert (one.incidents, one.false_alarms) == (len(scored.incidents), false.false_alarms)
        assert (one.events, one.caught, one.delay) == (3, judged.caught, judged.median_delay)
        assert one.delay_s == judged.median_delay_s


def test_an_alarm_behind_an_event_is_neither_false_nor_a_catch(pumps: Artifact) -> None:
    """One wild reading lies in two windows: after the second the alarm rings, when the reading is over."""
    frame = readings(seed=2, devices=("p",)).slice(1100, 200)
    told = what_if(pumps, opened(pumps, frame), Asked(limits=("20",)))
    (one,) = (each for each in told.settings if each.times > 2 and each.wait == "2 windows")
    assert (one.incidents, one.false_alarms, one.events, one.caught) == (1, 0, 1, 0)
    assert one.after == 1


@pytest.mark.parametrize("labelled", [True, False])
def test_one_endless_alarm_keeps_no_budget(pumps: Artifact, labelled: bool) -> None:
    frame = readings(seed=2, devices=("p",))
    table = opened(pumps, frame if labelled else frame.drop("anomaly"))
    told = what_if(pumps, table, Asked(limits=("0.001",), raise_after=(1,)))
    endless = next(one for one in told.settings if one.times < 0.1)
    assert endless.false_alarms <= 1
    assert endless.covered > 0.9
    assert not endless.kept
    assert told.best != endless


def test_rules_for_devices_hold_by_name(pumps: Artifact) -> None:
    frame = readings(seed=2)
    muted = recalibrate(pumps, alarm={"device": {"p": {"mute": True}}}).artifact
    told, before = (what_if(each, opened(each, frame), Asked()) for each in (muted, pumps))
    assert told.in_force.incidents == len(Scorer(muted).judge(opened(muted, frame)).incidents)
    assert told.in_force.caught == 0
    assert (before.in_force.caught or 0) > 0


def test_the_setting_in_force_is_among_them_and_marked(pumps: Artifact, found: WhatIf) -> None:
    now = found.in_force
    assert (now.limit, now.times, now.wait) == (getattr(pumps.calibration.limits, "limit", None), 1.0, "2 windows")
    assert [one.in_force for one in found.settings].count(True) == 1
    scorer = Scorer(pumps)
    assert now.incidents == len(scorer.judge(opened(pumps, readings(seed=2))).incidents)


def test_higher_limits_leave_fewer_scores_above_and_the_last_none(found: WhatIf) -> None:
    alone = by_wait(found, "1 window")
    assert [one.times for one in alone] == sorted(one.times for one in alone)
    assert [one.above for one in alone] == sorted((one.above for one in alone), reverse=True)
    assert alone[0].above == pytest.approx(0.05, abs=0.003)
    assert alone[-1].above == 0
    assert alone[-1].false_alarms == 0


def test_rates_are_false_alarms_of_a_device_in_a_unit_of_the_budget(pumps: Artifact, found: WhatIf) -> None:
    scores = 2 * (WEEK - 1) - 30  # of each device but the first reading; windows of two that touch what was wrong
    assert found.scores == scores
    assert found.watched == pytest.approx(scores / WEEK)
    assert found.lasting == "1.98 device-weeks"
    for one in found.settings:
        assert one.rate == pytest.approx(one.false_alarms / (scores / WEEK))
        assert one.kept == (one.rate <= 1 and one.covered <= 0.1)
    fleet = what_if(pumps, opened(pumps, readings(seed=2)), Asked(budget="3 per day"))
    assert (fleet.bearable, fleet.unit, fleet.lasting) == (3.0, "per day", "6.94 days")
    assert fleet.in_force.rate == pytest.approx(fleet.in_force.false_alarms / (scores / 2 / 288))


def test_without_labels_every_incident_counts_and_nothing_is_said_of_events(pumps: Artifact) -> None:
    frame = readings(seed=2).drop("anomaly")
    blind = what_if(pumps, opened(pumps, frame), Asked())
    assert not blind.labelled
    for one in blind.settings:
        assert one.false_alarms == one.incidents
        assert (one.events, one.caught, one.delay) == (None, None, None)


def test_the_best_keeps_the_budget_and_catches_most(found: WhatIf) -> None:
    best = found.best
    assert best is not None
    kept = [one for one in found.settings if one.rate <= 1]
    assert best.caught == max(one.caught or 0 for one in kept)
    assert best in kept


def test_without_labels_the_best_is_the_lowest_limit_that_keeps_the_budget(pumps: Artifact) -> None:
    frame = readings(seed=2).drop("anomaly").filter(pl.col("pump") == "q")
    blind = what_if(pumps, opened(pumps, frame), Asked())
    best = blind.best
    assert best is not None
    assert best.wait == "2 windows"
    assert best.times == min(one.times for one in by_wait(blind, "2 windows") if one.kept)


def test_nothing_is_suggested_where_nothing_keeps_the_budget(pumps: Artifact) -> None:
    asked = Asked(budget="1 per device per year", limits=("0.5",), raise_after=(1,))
    assert what_if(pumps, opened(pumps, readings(seed=2)), asked).best is None


def test_what_keeps_the_budget_by_catching_nothing_is_not_suggested(pumps: Artifact) -> None:
    told = what_if(
        pumps, opened(pumps, readings(seed=2)), Asked(limits=("1000",), raise_after=(1,), budget="1 per year")
    )
    assert any(one.kept and one.caught == 0 for one in told.settings)
    assert told.best is None


def test_a_short_history_says_how_much_longer_it_would_have_to_be(pumps: Artifact) -> None:
    short = what_if(pumps, opened(pumps, readings(288, seed=2)), Asked())
    assert short.needed == pytest.approx(2.303 / short.watched, rel=1e-3)  # ln 10: none seen, nine times in ten
    assert short.most(0) == pytest.approx(short.needed)


def test_limits_and_waits_that_are_asked_for_are_tried(pumps: Artifact) -> None:
    asked = Asked(limits=("1.5", "p99"), raise_after=("4", "30min"))
    told = what_if(pumps, opened(pumps, readings(seed=2)), asked)
    assert list(dict.fromkeys(one.wait for one in told.settings)) == ["2 windows", "4 windows", "30min"]
    alone = by_wait(told, "2 windows")
    assert [round(one.times, 2) for one in alone][-1] == 1.5
    assert any(one.above == pytest.approx(0.01, abs=0.002) for one in alone)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Asked(limits=("soon",)), "'soon' is no limit to try"),
        (Asked(limits=("-1",)), "'-1' is no limit to try"),
        (Asked(limits=("p100",)), "'p100' is no limit to try"),
        (Asked(raise_after=("often",)), "raise_after must be a whole number of windows"),
    ],
)
def test_what_cannot_be_tried_is_said(pumps: Artifact, asked: Asked, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        what_if(pumps, opened(pumps, readings(seed=2)), asked)
    with pytest.raises(SettingError, match="no budget of false alarms"):
        Asked(budget="not many")


def test_a_history_without_a_normal_score_is_refused(pumps: Artifact) -> None:
    with pytest.raises(InputError, match="No reading got a score"):
        what_if(pumps, opened(pumps, readings(1, seed=2)), Asked())


def test_readings_that_were_learned_from_are_told(pumps: Artifact) -> None:
    same = what_if(pumps, opened(pumps, readings(seed=1)), Asked())
    assert "was trained in" in same.notes[-1]
    assert same.notes[-1].endswith("all that is told here looks better than it is: give later ones.")
    later = readings(seed=2).with_columns(pl.col("time").dt.offset_by("30d"))
    assert what_if(pumps, opened(pumps, later), Asked()).notes == ()


def test_a_limit_that_moves_is_tried_in_multiples(pumps: Artifact) -> None:
    moving = recalibrate(pumps, readings(seed=4), threshold="adaptive:1e-2", overrides=LABELLED).artifact
    table = opened(moving, readings(seed=2))
    told = what_if(moving, table, Asked(limits=("0.5", "0.9")))
    assert told.moving
    assert {one.limit for one in told.settings} == {None}
    assert sorted({one.times for one in told.settings}) == [0.5, 0.9, 1.0]
    assert told.in_force.incidents == len(Scorer(moving).judge(table).incidents)
    halved = recalibrate(moving, alarm={"device": {"*": {"limit_factor": 0.5}}})
    other = next(one for one in told.settings if one.times == 0.5 and one.wait == "2 windows")
    assert other.incidents == len(halved.judge(table).incidents)


def test_rows_without_a_clock_are_counted_by_the_thousand() -> None:
    frame = readings(seed=3, devices=("p",)).drop("time", "pump")
    artifact = train(open_table(frame), Recipe(detector="pca", window=2, threshold="percentile:98"))
    told = what_if(artifact, open_table(frame, expect=artifact.layout), Asked())
    assert (told.budget, told.unit) == ("1 false alarm per 1000 readings", "per 1000 readings")
    assert told.in_force.delay_s is None
    with pytest.raises(SettingError, match="no clock"):
        what_if(artifact, open_table(frame, expect=artifact.layout), Asked(budget="1 per week"))


def test_incidents_held_back_are_counted_apart(pumps: Artifact) -> None:
    quiet = recalibrate(pumps, alarm={"quiet": ["00:00-23:59"]}).artifact
    told = what_if(quiet, opened(quiet, readings(seed=2)), Asked())
    loud = what_if(pumps, opened(pumps, readings(seed=2)), Asked())
    assert told.in_force.incidents == 0
    assert told.in_force.held == loud.in_force.incidents > 0


def test_the_public_name_takes_paths_and_frames(pumps: Artifact, tmp_path: Any) -> None:
    Scorer(pumps).save(tmp_path / "pumps.tocsin")
    readings(seed=2).write_csv(tmp_path / "history.csv")
    one = tocsin.whatif(tmp_path / "pumps.tocsin", tmp_path / "history.csv", raise_after=[2])
    other = tocsin.whatif(Scorer(pumps), readings(seed=2), raise_after=[2])
    assert one.as_dict() == other.as_dict()
    assert one.as_dict()["in_force"]["in_force"] is True
