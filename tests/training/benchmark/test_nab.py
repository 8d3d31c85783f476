"""NAB: its windows, its probation, its result files, and its score of what we write."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.evaluation.metrics.nab import nab_score
from tocsin.training.benchmark import Plan, run, write
from tocsin.training.benchmark.nab import Nab, told_once
from tocsin.training.recipe import Recipe

QUICK = {"rolling_zscore": Recipe(detector="rolling_zscore", window=20)}


def test_windows_are_rows_from_border_to_border(nab_folder: Path) -> None:
    calm, jump = Nab().cases(nab_folder)
    assert (calm.name, jump.name) == ("real/calm", "real/jump")
    assert np.flatnonzero(jump.labels).tolist() == list(range(610, 651))
    assert not calm.labels.any()
    assert np.flatnonzero(jump.learn).tolist() == list(range(150))


def test_the_real_corpus_has_its_windows(shared_data: Path) -> None:
    cases = list(Nab().cases(shared_data / "nab"))
    starts = sum(int(np.count_nonzero(case.labels & ~np.append(False, case.labels[:-1]))) for case in cases)
    assert (len(cases), starts, sum(len(case.table) for case in cases)) == (58, 116, 365_558)
    assert not any((case.learn & case.labels).any() for case in cases)


def test_result_files_hold_what_was_scored(nab_folder: Path, tmp_path: Path) -> None:
    report, runs = run("nab", nab_folder, QUICK, plan=Plan(), folder=tmp_path / "runs")
    write(report, runs, tmp_path / "out")
    files = [tmp_path / "out/results/rolling_zscore/real" / f"rolling_zscore_{name}.csv" for name in ("calm", "jump")]
    tables = [pl.read_csv(path) for path in files]
    assert all(table.columns == ["timestamp", "value", "anomaly_score", "label"] for table in tables)
    assert tables[1]["timestamp"][0] == "2014-01-01 00:00:00"
    labels = [table["label"].to_numpy().astype(bool) for table in tables]
    scores = [table["anomaly_score"].to_numpy() for table in tables]
    assert all((score >= 0).all() and (score <= 1).all() for score in scores)
    row = next(row for row in report.tables[0].rows if row.method == "rolling_zscore")
    assert row.values["standard"] == pytest.approx(nab_score(labels, scores).score)
    late = math.tanh(2.5 * 31 / 41) / math.tanh(2.5)  # the jump is the eleventh of 41 rows
    assert row.values["standard"] == pytest.approx(100 * (1 + late) / 2)


def test_a_score_at_the_limit_is_a_half(nab_folder: Path, tmp_path: Path) -> None:
    report, runs = run("nab", nab_folder, QUICK, plan=Plan(), folder=tmp_path / "runs")
    write(report, runs, tmp_path)
    for own in runs:
        if own.method == "rolling_zscore":
            outcome = own.outcome()
            assert outcome is not None
            path = tmp_path / "results/rolling_zscore" / own.case.name.replace("/", "/rolling_zscore_")
            score = pl.read_csv(path.with_suffix(".csv"))["anomaly_score"].to_numpy()
            np.testing.assert_array_equal(score > 0.5, outcome.anomaly)


def test_baselines_without_meaning_score_as_nab_says(nab_folder: Path, tmp_path: Path) -> None:
    report, _ = run("nab", nab_folder, {}, plan=Plan(), folder=tmp_path)
    rows = {row.method: row.values["standard"] for row in report.tables[0].rows}
    assert rows["all-ones"] == 0.0
    assert rows["Windowed Gaussian"] == 39.6
    assert "Only 2 of the 58 files" in report.tables[0].sheet.remarks[0]


def test_two_real_files_end_to_end(shared_data: Path, tmp_path: Path) -> None:
    recipes = {"rolling_zscore": Recipe(detector="rolling_zscore")}
    report, runs = run("nab", shared_data, recipes, plan=Plan(only="realKnownCause/n*"), folder=tmp_path)
    assert report.cases == 1
    assert report.failures == ()
    assert all(own.facts["events"] == 5 for own in runs)


def test_an_alarm_is_told_once_and_never_because_of_what_comes_later() -> None:
    scores = np.random.default_rng(0).random(200).round(2)
    expected = [s if all(s > e for e in scores[max(0, k - 30) : k]) else 0.0 for k, s in enumerate(scores)]
    assert told_once(scores).tolist() == expected
    assert told_once(scores[:90]).tolist() == expected[:90]
