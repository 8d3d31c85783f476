"""The benchmarks of one or a few tables: what is learned from, what is judged, and a run from end to end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.training.benchmark import Plan, run
from tocsin.training.benchmark.ai4i2020 import Ai4i2020
from tocsin.training.benchmark.occupancy import Occupancy
from tocsin.training.benchmark.wsn import Wsn
from tocsin.training.recipe import Recipe


def test_motes_are_cases_and_a_reading_is_five_seconds(shared_data: Path) -> None:
    cases = list(Wsn().cases(shared_data / "wsn_singlehop"))
    assert [int(case.labels.sum()) for case in cases] == [117, 0, 0, 32]
    assert all(int(case.learn.sum()) == 1500 for case in cases)
    assert cases[0].table.cadence.period_ns == 5 * 10**9


def test_offices_are_learned_from_the_training_file(shared_data: Path) -> None:
    cases = list(Occupancy().cases(shared_data / "occupancy"))
    assert [case.name for case in cases] == ["datatest", "datatest2"]
    assert [int(case.judged.sum()) for case in cases] == [2665, 9752]
    assert [int(case.labels[case.judged].sum()) for case in cases] == [972, 2049]
    assert all(int(case.learn.sum()) == 8143 and case.teaches for case in cases)


def test_records_are_judged_by_earlier_ones_and_modes_are_no_channels(shared_data: Path) -> None:
    (case,) = Ai4i2020().cases(shared_data / "ai4i2020")
    assert np.flatnonzero(case.judged)[[0, -1]].tolist() == [6000, 9999]
    assert int(case.labels.sum()) == 339
    assert len(case.table.readings.schema) == 5
    assert case.teaches


@pytest.mark.parametrize(("name", "only"), [("wsn", "mote 1"), ("occupancy", "datatest"), ("ai4i2020", "*")])
def test_each_runs_from_end_to_end(name: str, only: str, shared_data: Path, tmp_path: Path) -> None:
    recipes = {"rolling_zscore": Recipe(detector="rolling_zscore")}
    report, _ = run(name, shared_data, recipes, plan=Plan(only=only), folder=tmp_path)
    assert report.failures == ()
    rows = {row.method: row.values for row in report.tables[0].rows}
    assert rows["all-ones"]["recall"] == 1
    assert rows["all-ones"]["false_positive_rate"] == 1
    assert rows["all-ones"]["roc_auc"] == pytest.approx(0.5)
    assert 0.4 < (rows["random"]["roc_auc"] or 0) < 0.6
