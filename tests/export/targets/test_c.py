"""The C target: its scores are the artifact's, for all detectors it covers and all their settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.export.c.conftest import HERE, KINDS, calm, learned, special

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export.golden import golden
from tocsin.export.proof import prove
from tocsin.export.starting import starting_limit
from tocsin.export.target import Made
from tocsin.export.targets.c import C
from tocsin.graph.run import Runner
from tocsin.training.recipe import Recipe

pytestmark = pytest.mark.skipif(not HERE, reason="there is no C compiler")

NAMES, SPECIAL = ("temp", "hum", "co2"), ("temp", "wind", "on", "kwh")
QUICK: Mapping[str, Any] = {"epochs": 2}
RECIPES = {
    "pca": Recipe(detector="pca"),
    "pca of one reading": Recipe(detector="pca", window=1, scale="robust", settings={"variance": 0.5}),
    "pca unscaled": Recipe(detector="pca", scale="none"),
    "kmeans": Recipe(detector="kmeans"),
    "kmeans of levels": Recipe(detector="kmeans", settings={"normalise": "none", "clusters": 7}, window=32),
    "autoencoder": Recipe(detector="autoencoder", settings=QUICK),
    "autoencoder of shapes": Recipe(
        detector="autoencoder",
        settings={**QUICK, "score": "mean", "normalisation": "window", "loss": "huber", "hidden": (20, 9, 5)},
        window=15,
    ),
    "cnn_autoencoder": Recipe(detector="cnn_autoencoder", settings=QUICK),
    "cnn_autoencoder of shapes": Recipe(
        detector="cnn_autoencoder",
        settings={**QUICK, "score": "mean", "normalisation": "window", "kernel": 3, "filters": (7, 5, 4), "code": 2},
        window=21,
        scale="robust",
    ),
    "behind steps": Recipe(detector="autoencoder", settings=QUICK, prepare=("difference:1", "lag:1,6", "rolling:12")),
    "ewma": Recipe(detector="ewma"),
    "limits": Recipe(detector="limits"),
    "rolling_zscore": Recipe(detector="rolling_zscore"),
}
OF_KINDS = {
    name: Recipe(detector=name, settings={} if name in ("pca", "kmeans") else QUICK, kinds=KINDS)
    for name in ("pca", "kmeans", "autoencoder", "cnn_autoencoder")
}


@pytest.fixture(scope="module")
def pca() -> Artifact:
    return learned(RECIPES["pca"], calm(600), NAMES)


@pytest.fixture(scope="module")
def cnn() -> Artifact:
    return learned(replace(RECIPES["cnn_autoencoder"], window=18), calm(600), NAMES)


def apart(artifact: Artifact, made: Made, windows: Float32Array) -> float:
    """Return how far the scores, and the channels' shares, are apart at most, as the promise counts it."""
    own, other = Runner(artifact.graph)(windows), made.score(windows)
    assert own.by_channel is not None
    assert other.by_channel is not None
    scale = np.maximum(np.abs(own.score), starting_limit(artifact))
    shares = np.abs(own.by_channel - other.by_channel).max(axis=1)
    return float((np.maximum(np.abs(own.score - other.score), shares) / scale).max())


def many(artifact: Artifact, values: Float32Array, count: int) -> Float32Array:
    """Return so many windows: of readings like those learned from, half of them with faults of all sizes."""
    rng = np.random.default_rng(7)
    windows = np.lib.stride_tricks.sliding_window_view(values, artifact.window, axis=0).transpose(0, 2, 1)
    chosen = np.ascontiguousarray(windows[rng.integers(len(windows), size=count)])
    size = 10 ** rng.uniform(-2, 4, (count // 2, 1, 1)) * values.std(axis=0)
    chosen[: count // 2] += (
        rng.normal(size=chosen[: count // 2].shape) * size * (rng.random((count // 2, 1, 3)) < 0.5)
    )[..., : values.shape[1]].astype(np.float32)
    return chosen


def test_the_scores_of_a_thousand_windows_are_the_artifacts(cnn: Artifact) -> None:
    made = C().make(cnn, cnn.sample, name="room.c")
    assert apart(cnn, made, many(cnn, calm(3_000, seed=8).astype(np.float32), 1_000)) < 1e-4


def test_it_is_proven_on_golden_windows(pca: Artifact) -> None:
    made = C(arena="stack").make(pca, pca.sample, name="room.c")
    assert not prove(pca, made, golden(pca, pca.sample), promise=C().promise).failures


def test_a_limit_that_moves_is_refused(pca: Artifact) -> None:
    moving = learned(Recipe(detector="pca", threshold="adaptive"), calm(600), NAMES)
    with pytest.raises(SettingError, match=r"limit of threshold 'adaptive.* recalibrate ARTIFACT --threshold"):
        C().make(replace(pca, calibration=moving.calibration), pca.sample, name="room.c")


@pytest.mark.slow
def test_a_graph_that_is_not_covered_is_refused_with_what_is() -> None:
    forest = learned(Recipe(detector="isolation_forest", settings={"trees": 5}), calm(300), NAMES)
    with pytest.raises(SettingError, match=r"no C for a graph with TreeEnsembleRegressor\. Train one of autoencoder"):
        C().make(forest, forest.normal, name="room.c")


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_ten_thousand_windows_of_each_detector(recipe: Recipe) -> None:
    artifact = learned(recipe, calm(900), NAMES)
    made = C().make(artifact, artifact.sample, name="room.c")
    assert apart(artifact, made, many(artifact, calm(5_000, seed=8).astype(np.float32), 10_000)) < 1e-4
    assert not prove(artifact, made, golden(artifact, artifact.sample), promise=C().promise).failures


@pytest.mark.slow
@pytest.mark.parametrize("recipe", OF_KINDS.values(), ids=OF_KINDS)
def test_ten_thousand_windows_with_angles_switches_and_counters(recipe: Recipe) -> None:
    artifact = learned(recipe, special(900), SPECIAL)
    made = C().make(artifact, artifact.sample, name="room.c")
    rates = special(5_000, seed=8)
    rates[1:, 3] = np.diff(rates[:, 3])
    windows = np.lib.stride_tricks.sliding_window_view(rates[1:], artifact.window, axis=0).transpose(0, 2, 1)
    chosen = windows[np.random.default_rng(7).integers(len(windows), size=10_000)].astype(np.float32)
    chosen[:5_000] += np.random.default_rng(8).normal(size=(5_000, 1, 4)).astype(np.float32) * 20
    assert apart(artifact, made, chosen) < 1e-4
