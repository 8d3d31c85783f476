"""Settling: what is left open is chosen from what is learned from, what is said is kept, and twice is once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.core.errors import InputError, SettingError
from tocsin.evaluation.guards import LeakError
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.lab.trial import run
from tocsin.training.profile import profile
from tocsin.training.recipe import Recipe
from tocsin.training.settle import Settled, gap_of, settle

ZSCORE = Recipe(detector="rolling_zscore")
SHAPES = Recipe(detector="kmeans")


def table(rows: int = 2000, *, period: int = 60, seed: int = 0, **columns: Any) -> Table:
    rng = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * np.arange(rows) / period)
    time = np.datetime64("2024-01-01", "ns") + np.arange(rows) * np.timedelta64(7, "s")
    noise = 0.2 * rng.normal(size=(2, rows))
    return open_table(
        pl.DataFrame({"time": time, "a": wave + noise[0], "b": 5 - wave + noise[1], **columns})
    ).in_time_order()


@pytest.fixture(autouse=True)
def one_period(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let k-means ask for whole periods, whatever its own bounds are."""
    from tocsin.detectors.kmeans import Kmeans

    monkeypatch.setattr(Kmeans, "window_rule", "period")
    monkeypatch.setattr(Kmeans, "window_bounds", (32, 96))


@pytest.mark.parametrize(("period", "window"), [(60, 60), (24, 48), (12, 36), (90, 90), (211, 96)])
def test_a_window_of_shapes_holds_whole_periods_within_bounds(period: int, window: int) -> None:
    found = settle(table(period=period), SHAPES)
    assert found.recipe.window == pytest.approx(window, rel=0.03)
    assert "window: " in found.why[0]


def test_without_a_period_and_without_such_a_wish_the_default_stays() -> None:
    noise = table(a=np.random.default_rng(1).normal(size=2000), b=np.random.default_rng(2).normal(size=2000))
    assert settle(noise, SHAPES) == Settled(
        replace(SHAPES, window=40, scale="minmax", kinds={"a": "real", "b": "real"})
    )
    assert settle(table(), ZSCORE).recipe.window == 120


def test_few_readings_get_a_shorter_window_and_can_be_learned_from() -> None:
    few = table(130)
    found = settle(few, ZSCORE)
    assert found.recipe.window is not None
    assert 20 < found.recipe.window < 120
    assert found.why == (f"window: {found.recipe.window} readings; these readings hold too few normal ones of 120.",)
    with pytest.raises(InputError):
        train(few, replace(ZSCORE, window=120))
    assert train(few, ZSCORE).window == found.recipe.window


@pytest.mark.parametrize(("detector", "least"), [("rolling_zscore", 3), ("spectral_residual", 7), ("ae_lstm", 6)])
def test_no_window_is_shorter_than_the_detector_can_use(detector: str, least: int) -> None:
    windows = [settle(table(rows), Recipe(detector=detector)).recipe.window for rows in (30, 36, 48, 60)]
    assert min(window for window in windows if window) == least


def test_gaps_count_as_too_few() -> None:
    broken = np.where(np.arange(2000) % 60 < 10, np.nan, np.sin(np.arange(2000) / 3))
    found = train(table(a=broken), ZSCORE)
    assert found.window <= 50
    assert found.provenance.windows["training"] >= 20


def test_what_is_said_is_kept() -> None:
    asked = replace(SHAPES, window=17, scale="robust", kinds={"a": "binary"})
    found = settle(table(), asked).recipe
    assert (found.window, found.scale, found.kinds) == (17, "robust", {"a": "binary", "b": "real"})


@pytest.mark.parametrize(
    "recipe", [ZSCORE, SHAPES, replace(SHAPES, kinds="off"), Recipe(detector="pca", prepare=("lag:3",))]
)
@pytest.mark.parametrize("rows", [90, 2000])
def test_twice_is_once(recipe: Recipe, rows: int) -> None:
    readings = table(rows, kwh=2e7 + np.arange(rows) * 0.01)
    once = settle(readings, recipe).recipe
    assert settle(readings, once) == Settled(once)
    assert settle(table(500, seed=9), once).recipe.window == once.window


def test_a_known_profile_saves_another_look() -> None:
    readings = table()
    other = replace(profile(readings), period=45)
    assert settle(readings, SHAPES, known=other).recipe.window == 45


@dataclass(frozen=True)
class _Case:
    kinds: Any
    found: dict[str, str]


@pytest.mark.parametrize(
    "case",
    [
        _Case("auto", {"a": "real", "b": "real", "kwh": "counter"}),
        _Case("off", {"a": "real", "b": "real", "kwh": "real"}),
        _Case({"kwh": "real"}, {"a": "real", "b": "real", "kwh": "real"}),
        _Case({"a": "radians"}, {"a": "radians", "b": "real", "kwh": "counter"}),
    ],
)
def test_kinds_are_recognised_unless_they_are_said(case: _Case) -> None:
    readings = table(kwh=2e7 + np.arange(2000) * 0.01)
    assert settle(readings, replace(ZSCORE, kinds=case.kinds)).recipe.kinds == case.found


def test_a_kind_of_a_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SettingError, match="no such channel"):
        settle(table(), replace(ZSCORE, kinds={"c": "counter"}))
    with pytest.raises(SettingError, match="no kind of channel 'metre'"):
        replace(ZSCORE, kinds={"a": "metre"})  # type: ignore[dict-item]  # that is the point


def test_a_detector_whose_settings_are_in_units_is_given_counters_as_they_are() -> None:
    readings = table(kwh=2e7 + np.arange(2000) * 0.01)
    assert settle(readings, Recipe(detector="limits")).recipe.kinds == {"a": "real", "b": "real", "kwh": "real"}


def test_no_settled_window_is_longer_than_the_gap_that_splits_leave() -> None:
    for recipe in (ZSCORE, SHAPES, replace(SHAPES, prepare=("rolling:12",)), replace(SHAPES, window=500)):
        for rows, period in ((90, 24), (700, 60), (2000, 211)):
            settled = settle(table(rows, period=period), recipe).recipe
            assert settled.readings(settled.make_detector()) <= gap_of(recipe, channels=2)


def test_a_trial_settles_on_what_it_learns_from_alone() -> None:
    rows = 3000
    at = np.arange(rows)
    learn, judged = at < 1500, at >= 1700
    honest = table(rows, label=(at == 2500).astype(int))
    values = honest.readings.values.copy()
    values[judged] = np.sin(2 * np.pi * at[judged] / 41)[:, None]
    other = replace(honest, readings=replace(honest.readings, values=values))
    one, two = (run(some, SHAPES, learn=learn, judged=judged).artifact for some in (honest, other))
    assert one.window == two.window == 60
    assert one.graph == two.graph
    assert one.provenance.why == two.provenance.why
    with pytest.raises(LeakError, match=r"window of (59|60|61) "):
        run(honest, SHAPES, learn=at >= 1700, judged=(at >= 1600) & (at < 1680))


def test_short_files_that_a_long_window_could_not_learn_from_can_be_learned_from(shared_data: Path) -> None:
    for name in ("realTraffic/speed_7578", "realTraffic/TravelTime_387", "realKnownCause/rogue_agent_key_hold"):
        whole = open_table(shared_data / "nab" / "data" / f"{name}.csv").in_time_order()
        first = whole.only(np.arange(len(whole)) < 0.15 * len(whole))
        with pytest.raises(InputError, match="too few readings"):
            train(first, replace(ZSCORE, window=120))
        assert train(first, ZSCORE).provenance.windows["training"] >= 20


def test_the_limit_that_the_default_states_is_put_into_words() -> None:
    assert Recipe().make_threshold(Recipe().make_detector())[0] == "fixed:3"
    (told,) = [sentence for sentence in settle(table(), Recipe()).why if sentence.startswith("limit")]
    assert told == "limit: a score of 3, as rare as one normal window in 1,000."
    assert not [sentence for sentence in settle(table(), Recipe(threshold="fixed:4")).why if "limit" in sentence]


def test_few_readings_and_gaps_give_the_default_a_window_too_short_for_shapes_rather_than_none() -> None:
    found = settle(table(60), Recipe()).recipe
    assert found.window is not None
    assert 10 <= found.window < 36
    holed = table(900).only(np.arange(900) % 50 < 35)
    window = settle(holed, Recipe()).recipe.window
    assert window is not None
    assert 10 <= window < 36
