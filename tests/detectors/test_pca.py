"""Principal components: T² and Q against scikit-learn's, and what each of them finds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.pca import Pca
from tocsin.graph.run import Runner


def mixed(rows: int = 800, *, length: int = 1, level: float = 0.0, unit: float = 1.0) -> Windows:
    """Return windows of four channels that two hidden causes move, with a little noise."""
    rng = np.random.default_rng(0)
    causes = rng.standard_normal((rows, 2)) @ np.array([[2, 1, 0, 1], [0, 1, -1, 1.0]])
    series = (causes + 0.05 * rng.standard_normal((rows, 4))) * unit + level
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: Pca, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)


def reference(windows: Windows, share: float) -> tuple[FloatArray, FloatArray]:
    """Return T² and Q over their 99 % quantiles by scikit-learn, the latter by channel."""
    rows = windows.take(slice(None)).reshape(len(windows), -1).astype(np.float64)
    model = PCA(n_components=share, svd_solver="full").fit(rows)
    place = model.transform(rows)
    t2 = (place**2 / model.explained_variance_).sum(axis=1)
    rest = (rows - model.inverse_transform(place)) ** 2
    by_channel = rest.reshape(len(rows), windows.length, -1).sum(axis=1)
    return t2 / np.quantile(t2, 0.99), by_channel / np.quantile(by_channel.sum(axis=1), 0.99)


@pytest.mark.parametrize(("length", "share"), [(1, 0.9), (1, 0.6), (5, 0.9)])
@pytest.mark.parametrize(("level", "unit"), [(0, 1), (3000, 1), (0, 1e-4)])
def test_score_is_the_greater_of_both_as_scikit_learn_has_them(
    length: int, share: float, level: float, unit: float
) -> None:
    windows = mixed(length=length, level=level, unit=unit)
    t2, off = reference(windows, share)
    found = scores(Pca(variance=share), windows)
    np.testing.assert_allclose(found.score, np.maximum(t2, off.sum(axis=1)), rtol=1e-2 if level else 1e-3, atol=1e-5)
    assert found.by_channel is not None
    expected = off / off.sum(axis=1, keepdims=True) * found.score[:, None]
    np.testing.assert_allclose(found.by_channel, expected, rtol=0.02, atol=1e-2 * found.score.max())


def test_a_broken_relation_is_off_the_plane_and_its_channel_told() -> None:
    windows = mixed()
    broken = windows.take(slice(0, 200))
    broken[:, 0, 2] += 1  # half the channel's usual deviation
    found = scores(Pca(), windows, broken)
    assert found.by_channel is not None
    assert np.median(found.score) > 20
    assert (found.by_channel.argmax(axis=1) == 2).mean() > 0.95


def test_a_reading_far_out_in_the_plane_is_strange_too() -> None:
    windows = mixed()
    far = 8 * windows.take(slice(0, 200))
    assert np.median(scores(Pca(), windows, far).score) > 5


def test_one_in_a_hundred_normal_windows_is_above_one_by_either() -> None:
    assert 0.008 < (scores(Pca(), mixed(3000)).score > 1).mean() < 0.022


def test_a_single_column_is_its_square() -> None:
    series = np.array([-1, 1, -1, 1], np.float32)[:, None]
    found = scores(Pca(), Windows(series, np.arange(4), 1), np.array([[[3.0]]], np.float32))
    assert found.score == pytest.approx([9])
    assert found.by_channel == pytest.approx(np.array([[9]]))


def test_more_columns_than_windows_are_no_obstacle() -> None:
    windows = mixed(60, length=30)
    t2, off = reference(windows, 0.9)
    np.testing.assert_allclose(scores(Pca(), windows).score, np.maximum(t2, off.sum(axis=1)), rtol=1e-3)


def test_many_windows_are_thinned_over_the_whole_time() -> None:
    windows = mixed(400)
    few = Windows(windows.series, windows.end[np.linspace(0, 399, 50).round().astype(int)], 1)
    assert Pca(max_windows=50).fit(windows, seed=0).onnx == Pca().fit(few, seed=0).onnx


@pytest.mark.parametrize(("name", "value"), [("variance", 0), ("variance", 1.0), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        Pca(**settings)


def test_what_is_expected_is_the_conditional_mean_of_plane_and_noise() -> None:
    """Against the covariance written out (Tipping & Bishop 1999) and regressed on all other columns."""
    windows = mixed(length=3, level=20)
    rows = windows.take(slice(None)).reshape(len(windows), -1).astype(np.float64)
    model = PCA(n_components=0.9, svd_solver="full").fit(rows)
    kept = len(model.components_)
    full = PCA(svd_solver="full").fit(rows).explained_variance_
    rest = full[kept:].mean()
    axes = model.components_
    covariance = axes.T @ np.diag(model.explained_variance_ - rest) @ axes + rest * np.eye(12)
    found = scores(Pca(variance=0.9), windows).expected
    assert found is not None
    for channel in range(4):
        place = 8 + channel
        others = np.delete(np.arange(12), place)
        weight = np.linalg.solve(covariance[np.ix_(others, others)], covariance[others, place])
        by_hand = model.mean_[place] + (rows - model.mean_)[:, others] @ weight
        np.testing.assert_allclose(found[:, channel], by_hand, atol=1e-3)


def test_a_spike_does_not_move_what_is_expected_of_its_channel() -> None:
    windows = mixed()
    calm = windows.take(slice(None))
    spiked = calm.copy()
    spiked[:, -1, 2] += 9
    runner = Runner(Pca().fit(windows, seed=0).onnx)
    before, after = runner(calm).expected, runner(spiked).expected
    assert before is not None
    assert after is not None
    np.testing.assert_allclose(after[:, 2], before[:, 2], atol=1e-4)


def test_of_a_single_reading_its_mean_is_expected() -> None:
    windows = Windows(np.random.default_rng(0).normal(3, 1, (200, 1)).astype(np.float32), np.arange(200), 1)
    found = scores(Pca(), windows).expected
    assert found is not None
    np.testing.assert_allclose(found, windows.rows().mean(dtype=np.float64), rtol=1e-6)
