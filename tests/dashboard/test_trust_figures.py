"""The pictures and tables of the page Compare and trust, computed by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tocsin.dashboard.trust._compare import _rows
from tocsin.dashboard.trust._curves import delays, precision_recall, roc
from tocsin.dashboard.trust._limits import limits, table
from tocsin.dashboard.trust._matrix import by_channel, by_kind, columns, matrix, missed, noticed


def cell(kind: str, size: float | None, rang: int, delay: float | None = None) -> dict[str, Any]:
    return {
        "kind": kind,
        "size": size,
        "trials": 10,
        "rang": rang,
        "share": rang / 10,
        "delay": delay,
        "delay_s": None if delay is None else 600 * delay,
        "right_cause": 1.0 if rang else None,
        "by_chance": 0.0,
    }


REHEARSAL: dict[str, Any] = {
    "kinds": ["level_shift", "spike", "stuck"],
    "sizes": [1.0, 4.0],
    "trials": 10,
    "deviation": {"heat": 2.5, "damp": 1.0},
    "detectable": {"level_shift": 4.0, "spike": None, "stuck": None},
    "cells": [
        cell("level_shift", 1.0, 2, 9.0),
        cell("level_shift", 4.0, 10, 2.0),
        cell("spike", 1.0, 0),
        cell("spike", 4.0, 5, 0.0),
        cell("stuck", None, 9, 12.0),
    ],
    "channels": [{"channel": "heat", "size": 1.0, "share": 0.2}, {"channel": "heat", "size": 4.0, "share": 1.0}],
}


def test_a_matrix_has_a_column_for_faults_without_a_size() -> None:
    assert columns(REHEARSAL) == [1.0, 4.0, None]
    drawn = matrix(REHEARSAL)["data"][0]
    assert drawn["z"] == [[0.2, 1.0, None], [0.0, 0.5, None], [None, None, 0.9]]
    assert drawn["text"][0] == ["20 %", "100 %", "–"], "each shade is a figure, too"


def test_what_rings_in_nine_of_ten_is_noticed() -> None:
    assert (noticed(REHEARSAL), missed(REHEARSAL)) == (["level shift", "stuck"], ["spike"])


def test_delays_are_told_where_a_kind_rings_reliably_else_at_the_largest_size() -> None:
    assert by_kind(REHEARSAL).splitlines()[2:] == [
        "| level shift | 4 σ | 2 readings, 20 min | 100 % |",
        "| spike | – | at once | 100 % |",
        "| stuck | any | 12 readings, 2 h | 100 % |",
    ]


def test_channels_without_a_fault_of_their_own_are_left_out() -> None:
    assert by_channel(REHEARSAL).splitlines()[2:] == ["| heat | 20 % | 100 % | 2.5 |"]


def setting(times: float, wait: str, rate: float, *, in_force: bool = False, kept: bool = True) -> dict[str, Any]:
    return {"limit": 2 * times, "times": times, "wait": wait, "rate": rate, "in_force": in_force, "kept": kept}


def whatif(*settings: dict[str, Any], labelled: bool = False) -> dict[str, Any]:
    now = next(one for one in settings if one["in_force"])
    about = {"budget": "1 per week", "bearable": 1.0, "unit": "per week"}
    return {"settings": list(settings), "in_force": now, "labelled": labelled, **about}


def test_none_has_a_place_on_the_axis_of_other_limits() -> None:
    told = whatif(
        setting(0.5, "1 window", 40.0, kept=False),
        setting(1.0, "1 window", 0.4, in_force=True),
        setting(2.0, "1 window", 0),
    )
    figure = limits(told)
    assert figure["data"][0]["y"] == [40.0, 0.4, 0.2]
    axis = figure["layout"]["yaxis"]
    assert (axis["tickvals"][0], axis["ticktext"][0]) == (0.2, "none")
    assert axis["ticktext"][1:] == ["0.5", "1", "2", "5", "10", "20", "50"]


def test_the_table_of_other_limits_marks_what_keeps_the_budget_and_what_is_in_force() -> None:
    told = whatif(
        setting(0.5, "1 window", 120.0, kept=False),
        setting(0.5, "3 windows", 2.5, kept=False),
        setting(1.0, "1 window", 0.4),
        setting(1.0, "3 windows", 0.0, in_force=True),
    )
    assert table(told).splitlines()[2:] == ["| 1 | 0.5 | 120 | 2.5 |", "| 2 | 1 | ✓ 0.4 | **✓ 0 (in force)** |"]


METRICS = {
    "base_rate": 0.1,
    "recall": 0.6,
    "precision": 0.8,
    "false_positive_rate": 0.02,
    "auc_pr": 0.7,
    "roc_auc": 0.9,
}


def evaluation(**changed: Any) -> dict[str, Any]:
    curve = {"x": [0.0, 0.5, 1.0], "y": [1.0, 0.8, 0.1]}
    return {
        "metrics": METRICS | changed,
        "curves": {"precision_recall": curve, "roc": curve},
        "delays": {"readings": [3, 0, 9]},
    }


def test_curves_show_chance_and_the_limit_in_force() -> None:
    figure, alt = precision_recall(evaluation())
    _, chance, here = figure["data"]
    assert chance["y"] == [0.1, 0.1]
    assert (here["x"], here["y"], here["marker"]["symbol"]) == ([0.6], [0.8], "x")
    assert alt == "Precision over recall. AUC-PR is 0.700; chance is 0.100."
    figure, _ = roc(evaluation())
    assert (figure["data"][2]["x"], figure["data"][2]["y"]) == ([0.02], [0.6])


@pytest.mark.parametrize("name", ["precision", "recall"])
def test_without_flags_there_is_no_mark(name: str) -> None:
    figure, _ = precision_recall(evaluation(**{name: None}))
    assert len(figure["data"]) == 2


def test_a_long_curve_is_drawn_with_few_points_and_both_ends() -> None:
    told = evaluation()
    told["curves"]["roc"] = {"x": [k / 99_999 for k in range(100_000)], "y": [0.0] * 100_000}
    drawn = roc(told)[0]["data"][0]["x"]
    assert len(drawn) < 2_100
    assert (drawn[0], drawn[-1]) == (0.0, 1.0)


def test_delays_are_told_in_words() -> None:
    assert delays(evaluation())[1] == "Delays of 3 alarms; half came within 3 readings."


def test_a_comparison_without_labels_has_no_figure_that_needs_them() -> None:
    incidents = [{"state": "closed"}, {"state": "held"}]
    one = {"summary": {"detector": "pca", "limit": None, "incidents": incidents}, "evaluation": None}
    assert [(title, say(one)) for title, say in _rows(labelled=False)] == [
        ("detector", "pca"),
        ("limit", "moves"),
        ("incidents told", "1"),
    ]
