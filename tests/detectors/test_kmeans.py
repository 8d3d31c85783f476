"""K-means against scikit-learn's centroids and a normalisation by NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.kmeans import Kmeans
from tocsin.graph.run import Runner


def waves(rows: int = 600, *, length: int = 8, level: float = 0.0) -> Windows:
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(rows)[:, None] / 24 + np.arange(3)
    series = np.sin(angle) + 0.1 * rng.standard_normal((rows, 3)) + level
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: Kmeans, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=3).onnx)(windows.take(slice(None)) if scored is None else scored)


def rest(windows: Windows, *, normalise: bool, clusters: int) -> FloatArray:
    """Return the windows less their nearest centroids, shape (n, window, channels), by scikit-learn."""
    rows = windows.take(slice(None)).reshape(len(windows), -1).astype(np.float64)
    rows = rows - rows.mean(axis=1 if normalise else 0, keepdims=True)
    if normalise:
        rows /= rows.std(axis=1, keepdims=True)
    model = KMeans(clusters, n_init=1, random_state=3).fit(rows)
    return np.asarray(rows - model.cluster_centers_[model.predict(rows)]).reshape(len(windows), windows.length, -1)


@pytest.mark.parametrize("normalise", ["window", "none"])
@pytest.mark.parametrize("level", [0.0, 500.0])
def test_score_is_the_distance_to_scikit_learns_nearest_centroid(normalise: Any, level: float) -> None:
    windows = waves(level=level)
    found = scores(Kmeans(clusters=6, normalise=normalise), windows)
    expected = rest(windows, normalise=normalise == "window", clusters=6)
    distance = np.sqrt((expected**2).sum(axis=(1, 2)))
    np.testing.assert_allclose(found.score, distance, rtol=1e-3)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, (expected**2).sum(axis=1) / distance[:, None], rtol=1e-2, atol=1e-4)


def test_two_shapes_by_hand() -> None:
    series = np.array([0, 1, 0, 1, 0, 1], np.float32)[:, None]
    windows = Windows(series, np.arange(1, 6), 2)
    # Normalised, the windows are (-1, 1) and (1, -1): two centroids. A flat window lies at (0, 0), √2 from either.
    assert scores(Kmeans(clusters=2), windows).score == pytest.approx(np.zeros(5), abs=1e-6)
    flat = np.full((1, 2, 1), 0.4, np.float32)
    assert scores(Kmeans(clusters=2), windows, flat).score == pytest.approx([2**0.5])


def test_noise_of_a_flat_stretch_is_no_shape() -> None:
    windows = waves()
    rng = np.random.default_rng(5)
    flat = (0.5 + 1e-4 * rng.standard_normal((50, 8, 3))).astype(np.float32)
    found = scores(Kmeans(), windows, flat).score
    assert np.ptp(found) < 0.1


def test_level_does_not_count_but_shape_does() -> None:
    windows = waves()
    usual = windows.take(slice(0, 50))
    base = scores(Kmeans(), windows, usual).score
    np.testing.assert_allclose(scores(Kmeans(), windows, usual + np.float32(4)).score, base, rtol=1e-3)
    reversed_in_time = np.ascontiguousarray(usual[:, ::-1])
    assert np.median(scores(Kmeans(), windows, reversed_in_time).score) > 2 * np.median(base)


def test_fewer_different_windows_than_clusters_are_enough() -> None:
    still = Windows(np.full((30, 2), 3, np.float32), np.arange(4, 30), 5)
    assert scores(Kmeans(), still).score == pytest.approx(np.zeros(26), abs=1e-6)


def test_seeds_make_a_difference() -> None:
    windows = waves()
    one, same, other = (Kmeans(clusters=5).fit(windows, seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(("name", "value"), [("clusters", 0), ("normalise", "x"), ("floor", 0), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        Kmeans(**settings)
