"""Training with prepare steps that add columns: what is learned from, what is sealed, and what is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError
from tocsin.detectors.kmeans import Kmeans
from tocsin.engine.reporting import settings_of
from tocsin.engine.scorer import Scorer
from tocsin.engine.verify import verify
from tocsin.evaluation.guards import LeakError
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.settle import settle
from tocsin.wiring import make_recipe, read_config

STEPS = ("rolling:12", "lag:1,6")
FOREST = Recipe(detector="isolation_forest", settings={"trees": 30}, prepare=STEPS)
RECIPES = (
    FOREST,
    Recipe(detector="lstm_autoencoder", settings={"epochs": 1, "hidden": (4, 2)}, window=5, prepare=STEPS),
    Recipe(detector="rolling_zscore", window=8, prepare=("lag:3",)),
    Recipe(detector="pca", window=4, prepare=("denoise:db2,1", "detrend:6,keep", "difference", "rolling:3")),
    Recipe(detector="pca", window=3, prepare=("bands:8,2",)),
)


def table(rows: int = 400, *, devices: int = 1, **columns: Any) -> Table:
    """Return readings once a minute of channels that have little to do with each other."""
    rng = np.random.default_rng(0)
    each = [
        pl.DataFrame(
            {
                "time": np.datetime64("2024-01-01", "ns") + np.arange(rows) * np.timedelta64(60, "s"),
                "device": [f"pump-{k}"] * rows,
                "a": rng.normal(20, 1, rows),
                "b": rng.normal(5e4, 5, rows),
                **columns,
            }
        )
        for k in range(devices)
    ]
    return open_table(pl.concat(each)).in_time_order()


def length(found: Artifact) -> tuple[int, int]:
    return found.window, found.clock.restart - found.clock.hold


@pytest.mark.parametrize(("recipe", "window"), list(zip(RECIPES, (12, 16, 11, 19, 24), strict=True)), ids=list("flzch"))
def test_slices_fleets_and_restarts_change_no_bit(recipe: Recipe, window: int) -> None:
    readings = table(devices=2)
    found = train(readings, recipe)
    assert length(found) == (window, window)
    some = readings.readings.take(np.arange(len(readings)) % 400 < 120)
    assert [check.difference for check in verify(found, some, readings.devices)] == [""] * 5


@pytest.mark.parametrize("recipe", RECIPES[3:], ids=["changed", "hops"])
def test_later_readings_change_no_verdict(recipe: Recipe) -> None:
    readings = table()
    values = readings.readings.values.copy()
    values[300:] *= -5
    later = replace(readings, readings=replace(readings.readings, values=values))
    scorer = Scorer(train(readings, recipe))
    one, two = (scorer.judge(each).verdicts for each in (readings, later))
    np.testing.assert_array_equal(one.score[:300], two.score[:300])
    np.testing.assert_array_equal(one.by_channel[:300], two.by_channel[:300])
    assert not np.array_equal(one.score[300:], two.score[300:])
    np.testing.assert_allclose(two.by_channel.sum(axis=1), two.score, rtol=1e-4)


def test_the_first_readings_of_each_device_warm_up_and_look_at_no_other() -> None:
    readings = table(devices=2)
    scored = Scorer(train(readings, FOREST)).judge(readings).verdicts
    for device in (0, 1):
        assert np.isnan(scored.score[readings.readings.device == device]).nonzero()[0].tolist() == list(range(11))


def test_the_forest_learns_from_columns_of_whole_windows_alone() -> None:
    """Readings just before a part, or of another device, are in no column that is learned from."""
    readings = table(devices=2)
    wild = readings.readings.values.copy()
    wild[(readings.readings.device == 0) & (np.arange(len(wild)) % 400 >= 290)] *= 1e6
    other = replace(readings, readings=replace(readings.readings, values=wild))
    one, two = train(readings, FOREST), train(other, FOREST)
    assert one.graph == two.graph


@pytest.mark.parametrize(("recipe", "since"), [(RECIPES[2], 300), (replace(FOREST, prepare=("lag:1,6",)), 290)])
def test_the_share_goes_to_the_channel_that_the_columns_come_from(recipe: Recipe, since: int) -> None:
    readings = table()
    values = readings.readings.values.copy()
    values[since:301, 1] += 100
    shifted = replace(readings, readings=replace(readings.readings, values=values))
    scored = Scorer(train(readings, replace(recipe, threshold="fixed:0.3"))).judge(shifted).verdicts
    assert scored.by_channel.shape == (400, 2)
    assert scored.by_channel[300].sum() == pytest.approx(scored.score[300], rel=1e-5)
    assert scored.by_channel[300, 1] > 0.8 * scored.score[300]


def test_an_anomaly_taints_each_window_whose_columns_hold_it() -> None:
    label = np.zeros(400, np.int64)
    label[100] = 1
    assert train(table(label=label), FOREST).provenance.windows["kept out"] == 12


def test_steps_are_told_and_kept(tmp_path: Path) -> None:
    found = train(table(), FOREST)
    bundle.save(found, tmp_path / "x.tocsin")
    assert bundle.load(tmp_path / "x.tocsin").provenance.prepare == STEPS
    told = settings_of(found)
    assert (told["window"], told["prepare"]) == ("12 readings", "rolling:12 lag:1,6")
    assert "prepare" not in settings_of(train(table(), replace(FOREST, prepare=())))


def test_a_split_must_leave_out_what_the_steps_look_back_on() -> None:
    readings = table(label=(np.arange(400) % 50 == 0).astype(np.int64))
    place = np.arange(400)
    with pytest.raises(LeakError):
        run(readings, FOREST, learn=place >= 105, judged=place < 100)
    run(readings, FOREST, learn=place >= 100 + 12, judged=place < 100)


def test_a_short_series_is_said_to_be_too_short_for_the_steps() -> None:
    with pytest.raises(InputError, match=r"windows of 12 readings \(1, and 11 before them that the prepare steps look"):
        train(table(30), FOREST)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prepare": ("rolling:1",)}, "rolling:1: 1 is no whole number"),
        ({"prepare": "rolling:12"}, "prepare is the text 'rolling:12'"),
        ({"prepare": ("lag:60000",), "window": 50_000}, "together hold 110000 readings"),
    ],
)
def test_steps_that_cannot_work_are_refused_at_once(change: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Recipe(**change)


def test_a_period_in_readings_makes_no_window_of_as_many_hops() -> None:
    waves = np.sin(2 * np.pi * np.arange(4000) / 50)
    readings = table(4000, a=waves + np.random.default_rng(0).normal(0, 0.1, 4000))
    shapes = Recipe(detector="kmeans")
    assert settle(readings, shapes).recipe.window == pytest.approx(50, abs=1) != Kmeans.default_window
    assert settle(readings, replace(shapes, prepare=("bands:8,2",))).recipe.window == Kmeans.default_window


def test_a_short_series_is_said_to_be_too_short_for_rows_of_many_readings() -> None:
    with pytest.raises(InputError, match=r"windows of 300 readings \(rows of 100, which the prepare steps make\)"):
        train(table(), replace(RECIPES[4], prepare=("bands:100",)))


@pytest.mark.parametrize("written", ['["rolling:12", "lag:1,6"]', '"rolling:12"'])
def test_a_config_names_steps(written: str, tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(f"[fit]\nprepare = {written}\n", "utf-8")
    found = make_recipe(read_config(path), {"prepare": None}, settings=())
    assert found.prepare == (STEPS if written.startswith("[") else ("rolling:12",))
    assert make_recipe(read_config(path), {"prepare": ("lag:2",)}, settings=()).prepare == ("lag:2",)
