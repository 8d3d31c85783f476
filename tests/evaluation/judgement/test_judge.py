"""The judgement tells the same as its metrics, of the readings that have a score, and knows what it cannot know."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evaluation.judgement import judge
from tocsin.evaluation.judgement.agreement import Agreement
from tocsin.evaluation.metrics import vus_pr
from tocsin.evaluation.outcome import Outcome

MakeOutcome = Callable[..., Outcome]

NAMES = {
    "precision", "recall", "f1", "accuracy", "false_positives", "false_negatives", "false_positive_rate",
    "false_negative_rate", "event_precision", "event_recall", "event_f1", "events", "false_alarms_per_day",
    "delay_readings", "delay_s", "roc_auc", "auc_pr", "base_rate", "vus_roc", "vus_pr", "vus_window", "range_precision",
    "range_recall", "range_f1", "affiliation_precision", "affiliation_recall", "affiliation_f1",
    "point_adjusted_f1_inflated", "scored", "left_out", "alarm_share",
}  # fmt: skip
"""What tables rest on."""


def test_flags_and_alarms_are_told_apart(outcome: MakeOutcome) -> None:
    found = judge(outcome("..####....##....", "#.#...#...#.....", told="...###..........")).flat()
    assert (found["true_positives"], found["false_positives"], found["false_negatives"]) == (2, 2, 4)
    assert (found["precision"], found["recall"]) == (0.5, 2 / 6)
    assert (found["event_recall"], found["event_precision"], found["false_alarms"]) == (0.5, 1.0, 0)
    assert (found["event_recall_by_flags"], found["event_precision_by_flags"]) == (1.0, 0.5)
    assert (found["delay_readings"], found["delay_s"]) == (1.0, 600.0)
    assert found["alarm_share"] == 3 / 16


def test_the_names_that_tables_use_are_there(outcome: MakeOutcome) -> None:
    assert set(judge(outcome("..##..", "..#...")).flat()) >= NAMES


def test_false_alarms_are_those_that_people_hear(outcome: MakeOutcome) -> None:
    day = "." * 145
    flags = "#.#.#" + day[5:]
    found = judge(outcome(day[:-2] + "##", flags, told="####" + day[4:]))
    assert (found.false_alarms_per_day, found.days) == (1.0, 1.0)
    rows = replace(outcome(day[:-2] + "##", flags), row_clock=True)
    assert judge(rows).false_alarms_per_day is None


def test_a_reading_without_a_score_makes_no_two_false_alarms_of_one(outcome: MakeOutcome) -> None:
    rows = outcome("." * 143 + "#", "." * 144, told=".#.#" + "." * 140)
    score = rows.score.copy()
    score[2] = np.nan
    found = judge(replace(rows, score=score), flagged=True)
    assert found.alarms is not None
    assert found.days is not None
    assert found.alarms.false_alarms == 1
    assert found.false_alarms_per_day == pytest.approx(1 / found.days)


def test_readings_without_a_score_are_left_out_and_counted(outcome: MakeOutcome) -> None:
    found = judge(outcome("..##..##..", "??#?.#...."))
    assert (found.readings, found.scored, found.left_out, found.left_out_labelled) == (10, 7, 3, 1)
    assert found.points is not None
    assert (found.points.tp, found.points.fp, found.points.fn, found.points.tn) == (1, 1, 2, 3)
    assert found.base_rate == 3 / 7


def test_without_flags_only_scores_are_judged(outcome: MakeOutcome) -> None:
    bare = outcome("..##......", score=np.arange(10.0)[::-1])
    bare = replace(bare, limit=np.full(10, np.nan))
    found = judge(bare)
    assert [found.points, found.alarms, found.flags, found.ranges, found.affiliation] == [None] * 5
    assert found.roc_auc == 12 / 16
    assert found.flat()["f1"] is None
    assert judge(bare, flagged=True).flat()["recall"] == 0.0


def test_a_limit_above_all_scores_means_that_all_was_missed(outcome: MakeOutcome) -> None:
    found = judge(outcome("..##......")).flat()
    assert (found["recall"], found["f1"], found["event_recall"], found["precision"]) == (0.0, 0.0, 0.0, None)


def test_several_devices_are_pooled_but_for_what_needs_their_order(outcome: MakeOutcome) -> None:
    random = np.random.default_rng(4)
    device = np.repeat([0, 1, 2], 40)
    labels = "." * 10 + "#" * 6 + "." * 24 + "." * 30 + "#" * 3 + "." * 7 + "." * 40
    score = random.random(120)
    found = judge(outcome(labels, score=score, device=device), window=4)
    truth = np.array([mark == "#" for mark in labels])
    apart = [vus_pr(truth[device == k], score[device == k], 4) for k in (0, 1)]
    assert found.vus_pr == pytest.approx(np.mean([value for value in apart if value is not None]))
    assert (found.devices, found.events) == (3, 2)


def test_a_device_without_labelled_events_has_no_say_in_means_over_devices(outcome: MakeOutcome) -> None:
    alone = judge(outcome("..##......", ".###......")).flat()
    beside = judge(outcome("..##......" + "." * 10, ".###......" + "#.#.#.#.#.", device=np.repeat([0, 1], 10))).flat()
    for name in ("range_precision", "range_f1", "affiliation_f1", "point_adjusted_f1_inflated"):
        assert beside[name] == alone[name]
    assert beside["precision"] == 2 / 8


def test_devices_that_take_turns_are_judged_like_devices_in_one_piece(outcome: MakeOutcome) -> None:
    random = np.random.default_rng(5)
    whole = outcome("".join(random.choice([".", "#"], 60)), score=random.random(60), device=np.repeat([0, 1], 30))
    whole = replace(whole, anomaly=whole.score > 0.7, told=whole.score > 0.8)
    turns = whole.take(np.arange(60).reshape(2, 30).T.ravel())
    one, other = judge(whole).flat(), judge(turns).flat()
    assert one == pytest.approx(other, nan_ok=True)


def test_the_buffers_are_as_wide_as_the_median_event(outcome: MakeOutcome) -> None:
    assert judge(outcome(".#...##...#########..")).vus_window == 2
    assert judge(outcome(".#...##...#########.."), window=7).vus_window == 7
    assert judge(outcome("." * 10 + "#" * 900 + ".")).vus_window == 250


def test_flagging_everything_catches_every_event_and_the_share_under_alarm_shows_it(outcome: MakeOutcome) -> None:
    found = judge(outcome("..##......#...#.", "#" * 16))
    assert (found.flat()["event_f1"], found.alarm_share) == (1.0, 1.0)
    assert found.chance["f1_all_ones"] == found.flat()["f1"] == pytest.approx(0.4)


def test_chance_flatters_where_papers_say_so(outcome: MakeOutcome) -> None:
    random = np.random.default_rng(0)
    labels = ("." * 150 + "#" * 50) * 10
    flags = "".join(random.choice([".", "#"], 2000, p=[0.9, 0.1]))
    found = judge(outcome(labels, flags))
    assert found.chance["point_adjusted_f1_inflated"] == pytest.approx(0.85, abs=0.05)
    assert found.chance["affiliation_f1"] == pytest.approx(0.7, abs=0.05)
    assert found.chance["f1"] == pytest.approx(0.14, abs=0.02)
    right = judge(outcome(labels, labels))
    assert (right.point_adjusted_f1_inflated, right.affiliation) == (1.0, Agreement(1.0, 1.0, 1.0))
    assert right.chance["affiliation_f1"] == pytest.approx(0.7, abs=0.1)


def test_kinds_are_told_by_flags_and_by_alarms(outcome: MakeOutcome) -> None:
    judged = outcome("..##..##..", "..#...#...", told="......##..")
    kind = np.array(["", "", "spike", "spike", "", "", "drift", "drift", "", ""])
    found = judge(replace(judged, kind=kind))
    assert found.kinds is not None
    assert found.kinds_told is not None
    assert [(row.kind, row.caught) for row in found.kinds] == [("drift", 1), ("spike", 1)]
    assert [(row.kind, row.caught) for row in found.kinds_told] == [("drift", 1), ("spike", 0)]
    assert judge(judged).kinds is None


def test_everything_goes_into_json(outcome: MakeOutcome) -> None:
    found = judge(outcome("..####....##...." * 4, "#.#...#...#....." * 4), intervals=True)
    told = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert told["metrics"]["precision"] == 0.5
    assert told["intervals"]["precision"]["level"] == 0.95
    assert told["delays"]["seconds"] == [0.0] * 8


def test_intervals_hold_the_figure_and_repeat(outcome: MakeOutcome) -> None:
    random = np.random.default_rng(1)
    labels = "".join("#" if k % 50 < 5 else "." for k in range(1500))
    score = random.normal(size=1500) + np.array([mark == "#" for mark in labels])
    judged = outcome(labels, score=score)
    judged = replace(judged, anomaly=score > 1.5, told=score > 1.5, limit=np.full(1500, 1.5))
    found = judge(judged, intervals=True)
    figures = found.flat()
    assert set(found.intervals) >= {"precision", "recall", "f1", "roc_auc", "auc_pr", "vus_pr", "event_recall"}
    for name, interval in found.intervals.items():
        assert interval.low <= (figures[name] or 0.0) <= interval.high, name
    assert judge(judged, intervals=True).intervals == found.intervals


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.floats(0, 1)), min_size=1, max_size=60), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_shares_lie_between_0_and_1(readings: list[tuple[bool, bool, float]], devices: int) -> None:
    labels, flags, score = (np.array(column) for column in zip(*readings, strict=True))
    device = np.arange(len(labels)) % devices
    found = judge(
        Outcome(
            labels=labels,
            score=score,
            anomaly=flags,
            told=flags,
            limit=np.full(len(labels), np.nan),
            time=np.arange(len(labels)),
            device=device,
        )
    ).flat()
    counts = {
        "events",
        "alarms",
        "delay",
        "labelled",
        "readings",
        "scored",
        "left",
        "devices",
        "vus_window",
        "false_alarms",
    }
    for name, value in found.items():
        if not any(name.startswith(count) for count in counts) and "tives" not in name and value is not None:
            assert 0 <= value <= 1 + 1e-12, name
