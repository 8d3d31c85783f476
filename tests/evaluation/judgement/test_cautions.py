"""Warnings come where figures would mislead, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tocsin.evaluation.judgement import judge
from tocsin.evaluation.judgement.cautions import cautions
from tocsin.evaluation.outcome import Outcome

MakeOutcome = Callable[..., Outcome]
SOUND = ("." * 95 + "#####") * 12


def told(outcome: Outcome, *, intervals: bool = False) -> str:
    return " ".join(cautions(judge(outcome, intervals=intervals)))


def test_sound_figures_need_no_warning(outcome: MakeOutcome) -> None:
    assert told(outcome(SOUND, SOUND), intervals=True) == ""


def test_many_labels_make_everything_look_good(outcome: MakeOutcome) -> None:
    said = told(outcome("..##" * 40, "..##" * 40))
    assert "50\u00a0% of the readings are labelled" in said
    assert "F1 = 0.667" in said


def test_few_events_are_said(outcome: MakeOutcome) -> None:
    assert "is only 1 labelled event:" in told(outcome("." * 60 + "#" + "." * 60))
    assert "are only 2 labelled events" in told(outcome("." * 60 + "#" + "." * 60 + "#"))


def test_endless_alarms_are_seen_through(outcome: MakeOutcome) -> None:
    said = told(outcome(SOUND, "#" * len(SOUND)))
    assert "Alarms cover 100\u00a0% of the readings" in said
    assert "1 alarm caught 12 events" in said


def test_flags_worse_than_flagging_everything_are_said(outcome: MakeOutcome) -> None:
    assert "would reach F1 0.095; these flags reach 0.000" in told(outcome(SOUND, "#" + "." * (len(SOUND) - 1)))


def test_less_than_a_day_is_no_rate_per_day(outcome: MakeOutcome) -> None:
    assert "cover 3 hours: false alarms a day are an extrapolation" in told(outcome("." * 17 + "##", "#" + "." * 18))


def test_silence_is_said(outcome: MakeOutcome) -> None:
    assert "No reading lies above the limit" in told(outcome(SOUND))


def test_a_score_upside_down_is_said(outcome: MakeOutcome) -> None:
    upside = np.where([mark == "#" for mark in SOUND], 0.0, 1.0)
    assert "turn its sign" in told(outcome(SOUND, score=upside))


def test_a_score_that_knows_nothing_is_said_where_intervals_show_it(outcome: MakeOutcome) -> None:
    nothing = outcome(SOUND, score=np.random.default_rng(0).random(len(SOUND)))
    assert "cannot be told from chance" in told(nothing, intervals=True)
    assert "cannot be told from chance" not in told(nothing)


def test_labelled_readings_without_a_score_are_said(outcome: MakeOutcome) -> None:
    assert "3 of 60 labelled readings have no score" in told(outcome(SOUND, SOUND[:-3] + "???"))


def test_without_flags_nothing_is_said_of_them(outcome: MakeOutcome) -> None:
    bare = outcome(SOUND, score=np.where([mark == "#" for mark in SOUND], 1.0, 0.0))
    assert told(replace(bare, limit=np.full(len(bare), np.nan))) == ""
