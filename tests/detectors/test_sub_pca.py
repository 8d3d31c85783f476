"""Sub-PCA against scikit-learn's components, and what a strange period is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.decomposition import PCA

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.sub_pca import SubPca
from tocsin.graph.run import Runner

PERIOD = 24


def waves(rows: int = 900, *, length: int = 30, channels: int = 2) -> Windows:
    """Return windows of waves with a period of 24 readings, some noise, and a phase of its own for each channel."""
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(rows)[:, None] / PERIOD + np.arange(channels)
    series = (1 + 0.2 * rng.standard_normal((rows, 1))) * np.sin(angle) + 0.1 * rng.standard_normal((rows, channels))
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: SubPca, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)


def reference(windows: Windows, steps: int) -> FloatArray:
    """Return each channel's Σ (x·v)² / λ over its 99 % quantile, by scikit-learn."""
    recent = windows.take(slice(None))[:, -steps:].astype(np.float64)
    found = []
    for channel in np.moveaxis(recent, 2, 0):
        model = PCA(svd_solver="full").fit(channel)
        variance = model.explained_variance_ * (len(channel) - 1) / len(channel)
        distance = (model.transform(channel) ** 2 / np.maximum(variance, 1e-2 * variance[0])).sum(axis=1)
        found.append(distance / np.quantile(distance, 0.99))
    return np.stack(found, axis=1)


@pytest.mark.parametrize("period", [0, 12])
@pytest.mark.parametrize("channels", [1, 3])
def test_score_is_the_mean_distance_of_the_last_period(period: int, channels: int) -> None:
    windows = waves(channels=channels)
    found, expected = scores(SubPca(period=period), windows), reference(windows, period or PERIOD)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected / channels, rtol=1e-3)
    np.testing.assert_allclose(found.score, expected.mean(axis=1), rtol=1e-3)


def test_without_a_period_the_whole_window_is_taken() -> None:
    rng = np.random.default_rng(1)
    windows = Windows(rng.standard_normal((400, 1)).astype(np.float32), np.arange(7, 400), 8)
    np.testing.assert_allclose(scores(SubPca(), windows).score, reference(windows, 8)[:, 0], rtol=1e-3)


def test_a_usual_value_at_an_unusual_time_of_the_period_is_strange() -> None:
    windows = waves()
    usual, strange = windows.take(slice(0, 100)), windows.take(slice(0, 100))
    strange[:, -4:, 1] = strange[:, -16:-12, 1]  # half a period ago: no value that was not there before
    before, after = scores(SubPca(), windows, usual), scores(SubPca(), windows, strange)
    assert np.mean(after.score > 2 * before.score) > 0.8
    assert after.by_channel is not None
    assert (after.by_channel.argmax(axis=1) == 1).mean() > 0.95


def test_what_lies_before_the_last_period_does_not_matter() -> None:
    windows = waves()
    changed = windows.take(slice(0, 50))
    changed[:, : 30 - PERIOD] += 7
    np.testing.assert_array_equal(
        scores(SubPca(), windows, changed).score, scores(SubPca(), windows, windows.take(slice(0, 50))).score
    )


def test_a_period_longer_than_the_window_is_refused() -> None:
    with pytest.raises(SettingError, match="longer than a window of 30"):
        SubPca(period=31).fit(waves(), seed=0)


def test_nothing_to_learn_from_is_an_input_error() -> None:
    with pytest.raises(InputError, match="1 complete windows"):
        SubPca().fit(Windows(np.zeros((30, 1), np.float32), np.array([29]), 30), seed=0)


@pytest.mark.parametrize(("name", "value"), [("period", -1), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        SubPca(**settings)


def test_what_is_expected_is_the_last_reading_that_makes_the_period_least_strange() -> None:
    windows = waves()
    runner = Runner(SubPca(period=PERIOD).fit(windows, seed=0).onnx)
    some = windows.take(slice(0, 20)).copy()
    expected = runner(some).expected
    assert expected is not None
    some[:, -1] = expected
    least = runner(some).by_channel
    assert least is not None
    for step in (-0.05, 0.05):
        moved = some.copy()
        moved[:, -1] += np.float32(step)
        more = runner(moved).by_channel
        assert more is not None
        assert (more > least).all()
