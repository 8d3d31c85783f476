"""SKAB: the leaderboard's split and its pooled figures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.training.benchmark import Plan, run
from tocsin.training.benchmark.skab import Skab
from tocsin.training.recipe import Recipe


def test_the_first_400_rows_are_learned_from(skab_folder: Path) -> None:
    cases = list(Skab().cases(skab_folder))
    assert [case.name for case in cases] == ["valve1/0", "valve1/1", "valve1/2"]
    for case in cases:
        assert np.flatnonzero(case.learn).tolist() == list(range(400))
        assert np.flatnonzero(case.judged).tolist() == list(range(400, 700))
        assert case.table.readings.schema.names == ("Pressure", "Current")
        assert not case.normal_only


def test_the_real_files_are_those_of_the_leaderboard(shared_data: Path) -> None:
    cases = list(Skab().cases(shared_data / "skab"))
    assert len(cases) == 30
    assert sum(int(case.labels[case.judged].sum()) for case in cases) == 11_254
    assert [case.name for case in cases if case.teaches] == ["other/2"]


def test_the_trap_shows(shared_data: Path, tmp_path: Path) -> None:
    recipes = {"rolling_zscore": Recipe(detector="rolling_zscore")}
    report, _ = run("skab", shared_data, recipes, plan=Plan(only="valve1/[0-2]"), folder=tmp_path)
    rows = {row.method: row.values for row in report.tables[0].rows}
    assert rows["all-ones"] == {"f1": pytest.approx(0.69, abs=0.02), "far": 100.0, "mar": 0.0}
    assert rows["Conv-AE"] == {"f1": 0.78, "far": 13.6, "mar": 28.0}
    assert (rows["all-ones"]["f1"] or 0) > (rows["rolling_zscore"]["f1"] or 0)
    assert report.failures == ()
