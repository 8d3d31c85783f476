"""The simulated benchmark needs no files, judges what comes later, and keeps what was chosen from the readings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tocsin.evaluation.guards import check_split
from tocsin.training.benchmark import Plan, run
from tocsin.training.benchmark.simulated import Simulated
from tocsin.training.recipe import Recipe


def test_each_scenario_is_learned_from_before_it_is_judged() -> None:
    cases = list(Simulated(rows=2400, tables=2).cases(Path()))
    assert [case.name for case in cases[:4]] == ["environment/7", "machine/7", "network/7", "environment/8"]
    assert len({case.table.readings.values[0].tobytes() for case in cases}) == 6
    for case in cases:
        readings = case.table.readings
        check_split(case.learn, case.judged, readings.device, window=120)
        assert readings.time[case.learn].max() < readings.time[case.judged].min()
        assert case.labels[case.judged].any()
        assert np.count_nonzero(case.judged) > 700


def test_a_run_keeps_what_was_chosen_from_the_readings(tmp_path: Path) -> None:
    recipes = {"auto": Recipe(detector="auto", settings={"members": ("pca", "ridge")})}
    for _ in range(2):
        report, runs = run("simulated", tmp_path, recipes, plan=Plan(only="machine/7"), folder=tmp_path / "runs")
        told = {own.method: own.why for own in runs}
        assert [sentence.split(",")[0] for sentence in told["auto"]][-2:] == ["pca", "ridge"]
        assert told["random"] == ()
    assert [table.sheet.name for table in report.tables] == ["machine"]
    assert not report.failures
