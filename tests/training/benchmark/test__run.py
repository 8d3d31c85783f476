"""Running: every contender on every case, kept and taken up again; what fails is told and counts as nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.core.progress import listening
from tocsin.evaluation.guards import LeakError
from tocsin.training.benchmark import Plan, Report, Run, run, write
from tocsin.training.benchmark._work import Shared, Task, said_by
from tocsin.training.benchmark.skab import Skab
from tocsin.training.lab.baselines import NAMES
from tocsin.training.recipe import Recipe

QUICK = {"rolling_zscore": Recipe(detector="rolling_zscore", window=20)}
SEEDED = {"isolation_forest": Recipe(detector="isolation_forest", settings={"trees": 5})}


def done(folder: Path, recipes: Mapping[str, Recipe] = QUICK, plan: Plan = Plan()) -> tuple[Report, tuple[Run, ...]]:  # noqa: B008  # frozen
    return run("skab", folder, recipes, plan=plan, folder=folder / "runs")


def test_every_contender_runs_on_every_case(skab_folder: Path) -> None:
    report, runs = done(skab_folder, SEEDED | QUICK, plan=Plan(seeds=2))
    counted = {name: sum(own.method == name for own in runs) for name in (*SEEDED, *QUICK, "random", "all-ones")}
    # where nothing is left to chance, one seed says as much as two
    assert counted == {"isolation_forest": 6, "rolling_zscore": 3, "random": 6, "all-ones": 3}
    assert (report.cases, report.seeds, report.failures) == (3, 2, ())
    assert report.recipes["rolling_zscore"] == {"window": 20}
    rows = {row.method: row for row in report.tables[0].rows}
    assert rows["max |z|"].values["f1"] == pytest.approx(1, abs=0.1)
    assert rows["all-ones"].values == {"f1": pytest.approx(2 / 7), "far": 100, "mar": 0}
    assert rows["random"].spread["f1"] is not None


def test_a_method_may_run_with_the_first_seed_alone(skab_folder: Path) -> None:
    report, runs = done(skab_folder, SEEDED, plan=Plan(seeds=2, once=("isolation_forest",)))
    assert {own.seed for own in runs if own.method == "isolation_forest"} == {0}
    assert {own.seed for own in runs if own.method == "random"} == {0, 1}
    assert report.once == ("isolation_forest",)
    with pytest.raises(SettingError, match="'pca' is to run once"):
        done(skab_folder, plan=Plan(once=("pca",)))


def test_it_goes_on_where_it_stopped(skab_folder: Path) -> None:
    news: list[str] = []
    with listening(lambda *told: news.append(f"{told[0]} {told[2]}")):
        first, _ = done(skab_folder, plan=Plan(only="valve1/0"))
        second, _ = done(skab_folder, plan=Plan(only="valve1/0"))
        done(skab_folder)
    assert [text for text in dict.fromkeys(news) if text.startswith("skab")] == ["skab 5", "skab 0", "skab 10"]
    assert second.tables[0].rows == first.tables[0].rows


@pytest.mark.slow
def test_two_processes_find_what_one_finds(skab_folder: Path, tmp_path: Path) -> None:
    one, _ = run("skab", skab_folder, QUICK, plan=Plan(), folder=tmp_path / "one")
    two, _ = run("skab", skab_folder, QUICK, plan=Plan(jobs=2), folder=tmp_path / "two")
    assert [table.rows for table in one.tables] == [table.rows for table in two.tables]


def test_a_failure_is_told_by_name_and_counts_as_nothing(skab_folder: Path) -> None:
    recipes = QUICK | {"too_long": Recipe(detector="rolling_zscore", window=390)}
    report, _ = done(skab_folder, recipes)
    assert len(report.failures) == 3
    assert report.failures[0].startswith("too_long, valve1/0, seed 0: There are too few readings")
    row = next(row for row in report.tables[0].rows if row.method == "too_long")
    assert (row.values, row.failed) == ({"f1": 0, "far": 0, "mar": 100}, 3)


def test_a_detector_that_asks_for_labels_is_left_out_where_there_are_none(skab_folder: Path) -> None:
    report, runs = done(skab_folder, QUICK | {"svm": Recipe(detector="svm")})
    assert report.left_out["svm"].startswith("not applicable, 3 of 3 cases have no labelled anomalies to learn from")
    assert not any(own.method == "svm" for own in runs)


def test_labels_of_what_is_learned_from_are_not_seen(skab_folder: Path) -> None:
    (case, *_) = Skab().cases(skab_folder)
    labels = case.labels | (np.arange(len(case.labels)) < 200)
    labelled = replace(case, table=replace(case.table, labels=labels))
    outcomes = []
    for each in (case, labelled):
        shared = Shared(Skab(), (each,), QUICK, skab_folder / "runs", ("",), frozenset())
        outcomes.append(said_by(shared, Task("rolling_zscore", 0, 0, ""))[0])
    np.testing.assert_array_equal(outcomes[0].score, outcomes[1].score)
    np.testing.assert_array_equal(outcomes[0].limit, outcomes[1].limit)


def test_a_case_that_leaks_ends_everything(skab_folder: Path) -> None:
    (case, *_) = Skab().cases(skab_folder)
    leaking = replace(case, learn=~case.learn, judged=case.learn)
    shared = Shared(Skab(), (leaking,), QUICK, skab_folder / "runs", ("",), frozenset())
    with pytest.raises(LeakError):
        said_by(shared, Task("rolling_zscore", 0, 0, ""))


def test_plans_that_run_nothing_are_refused(skab_folder: Path) -> None:
    with pytest.raises(SettingError, match="0 seeds"):
        Plan(seeds=0)
    with pytest.raises(SettingError, match="No case matches 'valve9/\\*'"):
        done(skab_folder, plan=Plan(only="valve9/*"))


def test_what_is_written_can_be_read(skab_folder: Path, tmp_path: Path) -> None:
    report, runs = done(skab_folder, plan=Plan(only="valve1/[01]"))
    files = write(report, runs, tmp_path / "out")
    assert [path.name for path in files] == [
        "skab.json",
        "skab.md",
        "skab_roc_pr.png",
        "skab_rolling_zscore_scores.png",
        "skab_rolling_zscore_example.png",
    ]
    told = json.loads(files[0].read_text("utf-8"))
    assert {row["method"] for row in told["tables"][0]["rows"]} >= {"rolling_zscore", "Conv-AE", *NAMES}
    assert len(told["runs"]) == 10
    page = files[1].read_text("utf-8")
    assert "| rolling_zscore | ours |" in page
    assert "flagging all of them scores F1" in page
