"""A search tries, keeps, goes on where it stopped, and never looks at what it is compared on in the end."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.errors import InputError, MissingExtraError, SettingError
from tocsin.core.progress import listening
from tocsin.sources import Table, open_table
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.plan import Plan
from tocsin.training.tune.space import Space
from tocsin.training.tune.tune import tune
from tocsin.training.tune.tuning import Tried

RIDGE = Recipe(detector="ridge", window=10)
SPACE = Space((Axis("penalty", ends=(1e-4, 1e2)), Axis("window", ("5", "10"))))
QUICK = Plan(trials=5, folds=2, seeds=1)
ROWS = 900


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=ROWS, seed=3).table()).in_time_order()


def untimed(tried: tuple[Tried, ...]) -> list[Tried]:
    return [replace(one, seconds=0.0) for one in tried]


def test_the_untuned_settings_come_first_and_the_best_is_compared(table: Table, tmp_path: Path) -> None:
    found = tune(table, RIDGE, space=SPACE, plan=QUICK, folder=tmp_path)
    assert [one.place for one in found.tried] == [0, 1, 2, 3, 4, 5]
    assert found.tried[0].point == (("penalty", "0.001"), ("window", "10"))
    assert found.best.value == max(one.value for one in found.tried)
    assert found.by == "labels"
    names = [row.name for row in found.rows]
    assert names[-5:] == ["untuned", "random", "all-ones", "max |z|", "PCA error"]
    assert ("tuned" in names) == (found.best.place > 0)
    assert {run.readings for row in found.rows for run in row.runs} == {360}  # the last 40 %


def test_the_later_readings_play_no_part_in_the_search(table: Table, tmp_path: Path) -> None:
    other = table.readings.values.copy()
    other[540:] = 1e3 * np.random.default_rng(0).normal(size=other[540:].shape)
    changed = replace(table, readings=replace(table.readings, values=other))
    one = tune(table, RIDGE, space=SPACE, plan=replace(QUICK, trials=2), folder=tmp_path / "one")
    two = tune(changed, RIDGE, space=SPACE, plan=replace(QUICK, trials=2), folder=tmp_path / "two")
    assert untimed(one.tried) == untimed(two.tried)
    assert one.rows[0].values("auc_pr") != two.rows[0].values("auc_pr")


def test_a_finished_search_is_not_repeated_and_a_longer_one_goes_on(table: Table, tmp_path: Path) -> None:
    first = tune(table, RIDGE, space=SPACE, plan=QUICK, folder=tmp_path)
    again = tune(table, RIDGE, space=SPACE, plan=QUICK, folder=tmp_path)
    assert again.tried == first.tried  # to the microsecond: they were read, not made
    longer = tune(table, RIDGE, space=SPACE, plan=replace(QUICK, trials=7), folder=tmp_path)
    assert longer.tried[:6] == first.tried
    assert len(longer.tried) == 8
    at_once = tune(table, RIDGE, space=SPACE, plan=replace(QUICK, trials=7), folder=tmp_path / "fresh")
    assert untimed(at_once.tried) == untimed(longer.tried)


def test_another_question_is_another_search(table: Table, tmp_path: Path) -> None:
    brief = replace(QUICK, trials=1)
    tune(table, RIDGE, space=SPACE, plan=brief, folder=tmp_path)
    other = tune(table, RIDGE, space=SPACE, plan=replace(brief, metric="roc_auc"), folder=tmp_path)
    assert other.tried[0].value > 0.3  # ROC-AUC, not the VUS-PR kept before
    assert other.tried[0].value == other.tried[0].figures["roc_auc"]


@pytest.mark.slow
def test_processes_change_nothing_but_the_time(table: Table, tmp_path: Path) -> None:
    brief = replace(QUICK, trials=2)
    alone = tune(table, RIDGE, space=SPACE, plan=brief, folder=tmp_path / "alone")
    together = tune(table, RIDGE, space=SPACE, plan=replace(brief, jobs=2), folder=tmp_path / "together")
    assert untimed(alone.tried) == untimed(together.tried)


def test_a_grid_is_tried_whole_and_a_small_space_ends_early(table: Table, tmp_path: Path) -> None:
    small = Space((Axis("window", ("5", "10", "15")),))
    grid = tune(table, RIDGE, space=small, plan=Plan(sampler="grid", folds=2, seeds=1), folder=tmp_path / "grid")
    assert {one.point for one in grid.tried} == {(("window", str(window)),) for window in (5, 10, 15)}
    assert len(grid.tried) == 4  # the untuned settings, and the grid
    known = next(one for one in grid.tried if one.place and one.point == grid.tried[0].point)
    assert (known.value, known.seconds) == (grid.tried[0].value, 0.0)  # not judged twice
    tpe = tune(table, RIDGE, space=small, plan=Plan(trials=40, folds=2, seeds=1), folder=tmp_path / "tpe")
    assert {one.point for one in tpe.tried} == {one.point for one in grid.tried}
    assert len(tpe.tried) < 25


def test_time_that_is_up_ends_the_search(table: Table, tmp_path: Path) -> None:
    found = tune(table, RIDGE, space=SPACE, plan=replace(QUICK, minutes=1e-9), folder=tmp_path)
    assert [one.place for one in found.tried] == [0]
    assert not found.paid
    assert found.recommended is RIDGE


def test_without_labels_faults_are_put_in(table: Table, tmp_path: Path) -> None:
    found = tune(replace(table, labels=None), RIDGE, space=SPACE, plan=replace(QUICK, trials=1), folder=tmp_path)
    assert found.by == "faults"
    kinds = {row.kind for run in found.rows[0].runs for row in run.kinds or ()}
    assert {"spike", "level_shift", "stuck"} <= kinds
    assert found.tried[0].figures["auc_pr"] is not None


def test_what_fails_counts_as_nothing_found(table: Table, tmp_path: Path) -> None:
    space = Space((Axis("window", ("10", "60")),))
    heard: list[str] = []
    with listening(lambda what, done, total, note: heard.append(f"{what} {done}/{total} {note}")):
        found = tune(table, RIDGE, space=space, plan=Plan(sampler="grid", folds=2, seeds=1), folder=tmp_path)
    failed = next(one for one in found.tried if dict(one.point)["window"] == "60")
    assert (failed.value, failed.figures) == (0.0, {})
    assert "too few readings" in failed.failure
    assert any(news.startswith("tuning 3/3 best VUS-PR 0.") for news in heard)


def test_untuned_settings_that_fail_end_it(table: Table, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"The untuned settings fail: .*too few readings"):
        tune(
            table, replace(RIDGE, window=200), space=Space((Axis("penalty", ("1", "2")),)), plan=QUICK, folder=tmp_path
        )


def test_labels_are_needed_where_they_are_asked_for(table: Table, tmp_path: Path) -> None:
    late = replace(table, labels=np.arange(ROWS) > 800)
    with pytest.raises(InputError, match=r"All readings in the first 60 % of the time are labelled normal"):
        tune(late, RIDGE, space=SPACE, plan=replace(QUICK, by="labels"), folder=tmp_path)
    with pytest.raises(InputError, match=r"The readings have no labels\. .*--by faults"):
        tune(replace(table, labels=None), RIDGE, space=SPACE, plan=replace(QUICK, by="labels"), folder=tmp_path)
    with pytest.raises(SettingError, match="has no setting 'leaves'"):
        tune(table, RIDGE, space=Space((Axis("leaves", ("1", "2")),)), plan=QUICK, folder=tmp_path)


def finished(trials: Path) -> int:
    """Return how many trials a record holds, read as any program would."""
    if not trials.exists():
        return 0
    try:
        with sqlite3.connect(f"file:{trials}?mode=ro", uri=True) as kept:
            return int(kept.execute("select count(*) from trials where state = 'COMPLETE'").fetchone()[0])
    except sqlite3.OperationalError:  # not all tables are there yet
        return 0


@pytest.mark.slow
def test_killed_in_the_middle_it_goes_on_as_if_nothing_had_been(table: Table, tmp_path: Path) -> None:
    table.columns.write_csv(tmp_path / "env.csv")
    words = ("env.csv", "--detector", "ridge", "--trials", "7", "--folds", "2", "--seeds", "1", "--jobs", "1")
    command = [sys.executable, "-m", "tocsin.cli", "tune", *words, "--over", "penalty=1e-4..1e2"]
    victim = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while finished(tmp_path / "tune/trials.db") < 3 and victim.poll() is None:
        time.sleep(0.005)
    victim.kill()
    assert victim.wait() == -signal.SIGKILL
    assert 3 <= finished(tmp_path / "tune/trials.db") < 8
    source, plan = open_table(tmp_path / "env.csv"), replace(QUICK, trials=7)
    space = Space((Axis("penalty", ends=(1e-4, 1e2)),))
    resumed = tune(source, Recipe(detector="ridge"), space=space, plan=plan, folder=tmp_path / "tune")
    fresh = tune(source, Recipe(detector="ridge"), space=space, plan=plan, folder=tmp_path / "fresh")
    assert untimed(resumed.tried) == untimed(fresh.tried)
    assert finished(tmp_path / "tune/trials.db") == 8  # none was made twice


def test_where_optuna_is_absent_it_says_what_to_install(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)  # as an environment without it
    with pytest.raises(MissingExtraError, match=r'pip install "tocsin\[train\]"'):
        tune(table, RIDGE, space=SPACE, plan=QUICK, folder=tmp_path)
