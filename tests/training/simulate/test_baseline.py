"""The yardstick itself: a series small enough to judge by eye."""

from __future__ import annotations

import numpy as np

from tocsin.training.simulate import max_z_recall


def test_catches_what_leaves_the_usual_range_and_misses_what_stays_inside() -> None:
    values = np.column_stack([np.tile([-1.0, 1.0], 500), np.tile([-10.0, -10.0, 10.0, 10.0], 250)])
    label = np.zeros(1000, bool)
    label[[100, 800, 900]] = True
    values[100] = (9.0, 10.0)
    values[800] = (1.0, 10.0)
    values[900] = (1.0, 50.0)
    kind = [{100: "spike", 800: "stuck", 900: "spike"}.get(row, "") for row in range(1000)]
    size = np.where(label, 3.0, np.nan)
    rows = {row.kind: (row.events, row.caught) for row in max_z_recall(values, label=label, kind=kind, size=size)}
    assert rows == {"spike": (2, 2), "stuck": (1, 0)}


def test_labelled_readings_do_not_widen_the_spread() -> None:
    rng = np.random.default_rng(0)
    values, label = rng.normal(size=(2000, 1)), np.zeros(2000, bool)
    label[:400] = True
    values[:400] = 1000.0
    label[1900] = True
    values[1900] = 8.0
    kind = ["old" if row < 400 else "new" if row == 1900 else "" for row in range(2000)]
    rows = max_z_recall(values, label=label, kind=kind, size=np.full(2000, np.nan))
    assert {row.kind: row.caught for row in rows} == {"new": 1, "old": 1}


def test_the_limit_lets_just_that_share_of_normal_readings_through() -> None:
    values = np.arange(1000.0)[:, None]
    label = np.zeros(1000, bool)
    label[500] = True
    kind, size = ["x" if row == 500 else "" for row in range(1000)], np.full(1000, np.nan)
    (all_flagged,) = max_z_recall(values, label=label, kind=kind, size=size, false_alarm_rate=0.999)
    (few_flagged,) = max_z_recall(values, label=label, kind=kind, size=size, false_alarm_rate=0.2)
    assert (all_flagged.caught, few_flagged.caught) == (1, 0)
