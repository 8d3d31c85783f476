"""A comparison judges each reading once, by what has not seen it, and can be interrupted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.core.errors import InputError, SettingError
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.scoreboard import MAIN
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.lab.baselines import NAMES
from tocsin.training.lab.compare import Plan, compare, pooled
from tocsin.training.lab.sensitivity import Point, sensitivity
from tocsin.training.lab.standing import standing, text_of
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

RECIPES = {
    "short": Recipe(detector="rolling_zscore", window=12),
    "forest": Recipe(detector="isolation_forest", settings={"trees": 20}),
}


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(Environment(rows=1500, seed=3).table()).in_time_order()


@pytest.mark.parametrize("folds", [1, 3])
def test_each_judged_reading_is_judged_once(table: Table, folds: int, tmp_path: Path) -> None:
    results = compare(table, RECIPES, plan=Plan(folds=folds), folder=tmp_path)
    assert [result.name for result in results] == ["short", "forest", *NAMES]
    for result in results:
        assert result.outcome is not None
        expected = table.readings.time if folds > 1 else table.readings.time[900:]
        np.testing.assert_array_equal(result.outcome.time, expected)
        np.testing.assert_array_equal(result.outcome.labels, table.labels[-len(expected) :])  # type: ignore[index]  # it has labels


def test_one_fold_says_what_a_trial_says(table: Table, tmp_path: Path) -> None:
    (first, *_) = compare(table, {"short": RECIPES["short"]}, plan=Plan(), folder=tmp_path)
    row = np.arange(len(table))
    trial = run(table, RECIPES["short"], learn=row < 900 - 12 - 3, judged=row >= 900)
    assert first.outcome is not None
    np.testing.assert_array_equal(first.outcome.score, trial.outcome.score)
    np.testing.assert_array_equal(first.outcome.anomaly, trial.outcome.anomaly)


def test_finished_runs_are_not_repeated(table: Table, tmp_path: Path) -> None:
    before = compare(table, RECIPES, plan=Plan(folds=2), folder=tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    removed = next(path for path in tmp_path.glob("*.json"))  # as if the power had failed before it
    removed.unlink()
    after = compare(table, RECIPES, plan=Plan(folds=2), folder=tmp_path)
    changed = {path.stem for path, time in written.items() if path.stat().st_mtime_ns != time}
    assert changed == {removed.stem}
    for one, two in zip(before, after, strict=True):
        assert one.outcome is not None
        assert two.outcome is not None
        np.testing.assert_array_equal(one.outcome.score, two.outcome.score)


@pytest.mark.slow
def test_processes_say_what_one_process_says(table: Table, tmp_path: Path) -> None:
    alone = compare(table, RECIPES, plan=Plan(folds=2), folder=tmp_path / "alone")
    together = compare(table, RECIPES, plan=Plan(folds=2, jobs=2), folder=tmp_path / "together")
    for one, two in zip(alone, together, strict=True):
        assert one.outcome is not None
        assert two.outcome is not None
        np.testing.assert_array_equal(one.outcome.score, two.outcome.score)


def test_seeds_change_what_hangs_on_chance(table: Table, tmp_path: Path) -> None:
    results = compare(table, RECIPES, plan=Plan(seeds=2), folder=tmp_path)
    seeds = {name: [r for r in results if r.name == name] for name in ("short", "forest", "random", "max |z|")}
    assert [len(own) for own in seeds.values()] == [2, 2, 2, 1]
    for name, same in (("short", True), ("forest", False), ("random", False)):
        one, two = (run.outcome for run in seeds[name])
        assert one is not None
        assert two is not None
        assert np.array_equal(one.score, two.score) == same


def test_what_fails_is_told_and_stops_nothing_else(table: Table, tmp_path: Path) -> None:
    recipes = RECIPES | {"too long": Recipe(detector="rolling_zscore", window=250)}
    results = compare(table, recipes, plan=Plan(), folder=tmp_path)
    told = {result.name: result for result in results}
    assert told["too long"].outcome is None
    assert "too few readings" in told["too long"].failure
    assert told["short"].outcome is not None
    row = next(row for row in standing(results, table) if row.name == "too long")
    assert row.cell(MAIN[0]) == "–"
    assert "too long: There are too few readings" in text_of([row])


def test_labels_are_needed_and_must_differ(tmp_path: Path) -> None:
    quiet = open_table(Environment(rows=300, anomaly_share=0.0).table())
    with pytest.raises(InputError, match="All 300 readings are labelled normal"):
        compare(quiet, RECIPES, plan=Plan(), folder=tmp_path)


def test_folds_are_pooled_as_severities(table: Table, tmp_path: Path) -> None:
    results = compare(table, RECIPES, plan=Plan(folds=3), folder=tmp_path)
    for result in results[:2]:
        assert result.outcome is not None
        scored = result.outcome.take(result.outcome.scored)
        np.testing.assert_array_equal(scored.anomaly, scored.score > 1)


def test_pooling_keeps_order_and_kinds(table: Table, tmp_path: Path) -> None:
    (whole, *_) = (r.outcome for r in compare(table, RECIPES, plan=Plan(), folder=tmp_path))
    assert whole is not None
    halves = [whole.take(slice(300, None)), whole.take(slice(0, 300))]
    again = pooled(halves)
    np.testing.assert_array_equal(again.time, whole.time)
    np.testing.assert_array_equal(again.kind, whole.kind)
    np.testing.assert_allclose(again.score * whole.limit, whole.score)


def test_the_standing_judges_every_run(table: Table, tmp_path: Path) -> None:
    results = compare(table, RECIPES, plan=Plan(seeds=2), folder=tmp_path)
    rows = {row.name: row for row in standing(results, table)}
    assert rows["forest"].values("roc_auc") == [
        judge(r.outcome).roc_auc for r in results if r.name == "forest" and r.outcome is not None
    ]
    assert rows["forest"].cell(MAIN[0]).count("±") == 1
    assert rows["forest"].costs["reading_p95_ms"] >= rows["forest"].costs["reading_p50_ms"] > 0
    told = text_of(list(rows.values()))
    assert "| max \\|z\\| |" in told
    assert "## Events caught, by kind" in told


def test_sensitivity_tells_each_combination(table: Table, tmp_path: Path) -> None:
    grid: dict[Point, Recipe] = {
        (("trees", str(trees)), ("max_samples", "64")): Recipe(
            detector="isolation_forest", settings={"trees": trees, "max_samples": 64}
        )
        for trees in (1, 50)
    }
    found = sensitivity(table, grid, plan=Plan(seeds=2), folder=tmp_path, metric="roc_auc")
    assert [run.as_dict("roc_auc")["trees"] for run in found.runs] == [1, 1, 50, 50]
    means = [np.mean([run.as_dict("roc_auc")["roc_auc"] for run in found.runs[k : k + 2]]) for k in (0, 2)]
    assert means[1] > means[0]  # one tree is a poor forest
    assert set(found.baselines) == set(NAMES)
    assert found.baselines["all-ones"] == 0.5


def test_a_wider_gap_is_another_run(table: Table, tmp_path: Path) -> None:
    short = {"short": RECIPES["short"]}
    compare(table, short, plan=Plan(), folder=tmp_path)
    wider = short | {"long": Recipe(detector="rolling_zscore", window=60)}
    continued = compare(table, wider, plan=Plan(), folder=tmp_path)
    fresh = compare(table, wider, plan=Plan(), folder=tmp_path / "fresh")
    for one, two in zip(continued, fresh, strict=True):
        assert one.outcome is not None
        assert two.outcome is not None
        np.testing.assert_array_equal(one.outcome.limit, two.outcome.limit)


def test_devices_that_report_in_turn_are_compared(tmp_path: Path) -> None:
    frames = [
        Environment(rows=400, seed=k)
        .table()
        .with_columns(time=600 * pl.int_range(pl.len()) + 7 * k, device=pl.lit(f"room {k}"))
        for k in range(3)
    ]
    in_turn = open_table(pl.concat(frames), overrides=Overrides(time=("time",), time_format="epoch_s", device="device"))
    results = compare(in_turn, {"short": RECIPES["short"]}, plan=Plan(folds=3), folder=tmp_path)
    assert [len(result.outcome or ()) for result in results] == [1200] * 5


def test_no_seed_is_no_comparison() -> None:
    with pytest.raises(SettingError, match="0 seeds"):
        Plan(seeds=0)


@pytest.mark.parametrize("ending", ["npz", "tocsin"])
def test_half_a_file_is_written_anew(table: Table, tmp_path: Path, ending: str) -> None:
    short = {"short": RECIPES["short"]}
    before, *_ = compare(table, short, plan=Plan(), folder=tmp_path)
    for path in tmp_path.glob(f"*.{ending}"):
        path.write_bytes(path.read_bytes()[:200])
    after = compare(table, short, plan=Plan(), folder=tmp_path)
    assert before.outcome is not None
    assert after[0].outcome is not None
    np.testing.assert_array_equal(before.outcome.score, after[0].outcome.score)
    assert len(standing(after, table)) == 5


def test_the_board_tells_how_many_readings_have_no_score(table: Table, tmp_path: Path) -> None:
    rows = {row.name: row for row in standing(compare(table, RECIPES, plan=Plan(folds=3), folder=tmp_path), table)}
    (column,) = (column for column in MAIN if column.figure == "left_out")
    assert {name: rows[name].cell(column) for name in ("short", "all-ones")} == {"short": "11", "all-ones": "0"}


def test_kinds_that_become_known_later_are_told(table: Table, tmp_path: Path) -> None:
    rows = Environment(rows=1500, seed=3).table()
    unknown = open_table(rows.drop("event", "event_size"))
    for source, known in ((unknown, False), (table, True)):
        result, *_ = compare(source, {"short": RECIPES["short"]}, plan=Plan(), folder=tmp_path)
        assert result.outcome is not None
        assert (result.outcome.kind is not None) == known
