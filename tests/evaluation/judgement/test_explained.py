"""The figures in words: nothing is told that nobody can know, and counts stand beside shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tocsin.evaluation.judgement import judge
from tocsin.evaluation.judgement.explained import Group, Line, explained, title_of
from tocsin.evaluation.outcome import Outcome

MakeOutcome = Callable[..., Outcome]


def lines(groups: tuple[Group, ...]) -> dict[str, Line]:
    return {line.figure: line for group in groups for line in group.lines}


def test_counts_stand_beside_shares(outcome: MakeOutcome) -> None:
    found = lines(explained(judge(outcome("..####....##....", "#.#...#...#.....", told="...###.........."))))
    assert found["event_recall"].value == "0.500"
    assert found["event_recall"].meaning == "told in an alarm: 1 of 2 labelled events"
    assert found["precision"].meaning == "of 4 flagged readings, 2 are labelled"
    assert found["delay_readings"].meaning.endswith("median: 10 min")
    assert "flagging everything reaches 0.545" in found["f1"].meaning
    assert "chance is 0.375" in found["auc_pr"].meaning


def test_every_flattering_figure_stands_beside_chance(outcome: MakeOutcome) -> None:
    groups = explained(judge(outcome("..####....##....", "#.#...#...#.....")))
    flattering = next(group for group in groups if group.title == "Flattering")
    assert len(flattering.lines) == 2
    assert all("random flags reach 0." in line.meaning for line in flattering.lines)


def test_intervals_are_told_where_there_are_any(outcome: MakeOutcome) -> None:
    judged = outcome("..####....##...." * 5, "#.#...#...#....." * 5)
    assert lines(explained(judge(judged, intervals=True)))["event_recall"].interval == "0.722–1.000"
    assert all(not line.interval for line in lines(explained(judge(judged))).values())


def test_without_flags_only_the_score_is_told(outcome: MakeOutcome) -> None:
    bare = replace(outcome("..##......", score=np.arange(10.0)), limit=np.full(10, np.nan))
    assert [group.title for group in explained(judge(bare))] == ["Score"]


def test_undefined_figures_are_shown_as_such(outcome: MakeOutcome) -> None:
    found = lines(explained(judge(outcome("..##......"))))
    assert found["precision"].value == found["event_precision"].value == found["delay_readings"].value == "–"
    rows = lines(explained(judge(replace(outcome("..##......"), row_clock=True))))
    assert "false_alarms_per_day" not in rows


def test_a_file_without_a_policy_says_so(outcome: MakeOutcome) -> None:
    found = judge(outcome("..##......", "..##......"))
    assert "no policy" in explained(found, policy=False)[0].remark
    assert "no policy" not in explained(found)[0].remark


def test_names_for_people() -> None:
    assert (title_of("vus_pr"), title_of("false_positive_rate")) == ("VUS-PR", "false-positive rate")
