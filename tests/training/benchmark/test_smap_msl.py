"""SMAP and MSL: both tracks from one training, by the rules of TSB-AD and by those of a user."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.evaluation.hindsight import hindsight
from tocsin.evaluation.metrics import dominant_period, vus_pr
from tocsin.training.benchmark import Plan, run
from tocsin.training.benchmark.smap_msl import SmapMsl
from tocsin.training.recipe import Recipe


def test_the_series_are_those_of_the_published_tables(shared_data: Path) -> None:
    cases = list(SmapMsl().cases(shared_data / "smap_msl"))
    assert [case.group for case in cases] == ["multivariate"] * 10 + ["univariate"] * 4
    first = cases[0]
    assert (first.name, int(first.learn.sum()), len(first.table)) == ("multivariate/S-2", 500, 1827)
    assert np.flatnonzero(first.labels).tolist() == list(range(900, 911))
    assert first.table.readings.values.shape == (1827, 55)
    assert cases[-1].table.readings.values.shape == (7331, 1)
    raw = np.load(shared_data / "smap_msl/test/S-2.npy")
    np.testing.assert_array_equal(first.table.readings.values, raw)


def test_both_tracks_of_one_series(shared_data: Path, tmp_path: Path) -> None:
    recipes = {"rolling_zscore": Recipe(detector="rolling_zscore", window=50)}
    report, runs = run("smap_msl", shared_data, recipes, plan=Plan(only="*/R-1"), folder=tmp_path)
    titles = [table.sheet.name for table in report.tables]
    assert titles == [
        "offline multivariate",
        "offline univariate",
        "prequential multivariate",
        "prequential univariate",
    ]
    own = next(found for found in runs if found.method == "rolling_zscore" and found.case.group == "univariate")
    outcome = own.outcome()
    assert outcome is not None
    length = dominant_period(own.case.table.readings.values[:, 0])
    covered = hindsight(outcome.score, 50)
    filled = np.where(np.isnan(covered), np.nanmin(covered), covered)
    assert own.facts["offline_vus_pr"] == pytest.approx(vus_pr(own.case.labels, filled, length))
    assert own.facts["vus_window"] == length
    judged = own.case.judged
    behind = vus_pr(own.case.labels[judged], outcome.score[judged], length)
    assert own.facts["vus_pr"] == pytest.approx(behind)
    rows = {row.method: row.values for row in report.tables[1].rows}
    assert rows["rolling_zscore"]["R-1"] == rows["rolling_zscore"]["vus_pr"]
    assert rows["KMeansAD"]["R-1"] == 0.9918
    assert "Only 1 of 4 series" in report.tables[1].sheet.remarks[0]


def test_a_series_that_failed_counts_as_nothing(shared_data: Path, tmp_path: Path) -> None:
    recipes = {"too_long": Recipe(detector="rolling_zscore", window=480)}
    report, _ = run("smap_msl", shared_data, recipes, plan=Plan(only="univariate/C-1"), folder=tmp_path)
    row = next(row for row in report.tables[0].rows if row.method == "too_long")
    assert row.values["vus_pr"] == 0
    assert row.values["C-1"] == 0
    assert len(report.failures) == 1
