"""The EWMA control chart against its recursion, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.ewma import Ewma, steps_back
from tocsin.graph.run import Runner


def noise(rows: int = 600, *, length: int = 12, level: float = 0.0) -> Windows:
    series = np.random.default_rng(0).standard_normal((rows, 3)) * [1, 10, 0.1] + level
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: Ewma, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)


def reference(windows: Windows, weight: float) -> FloatArray:
    """Return each channel's greater distance in the two charts, by the recursion itself."""
    series = windows.series.astype(np.float64)
    mean, deviation = series.mean(axis=0), series.std(axis=0)
    every = windows.take(slice(None)).astype(np.float64)
    average = np.tile(mean, (len(every), 1))
    for step in range(windows.length):
        average = weight * every[:, step] + (1 - weight) * average
    stray = np.sqrt(((average - mean) ** 2).mean(axis=0))
    return np.asarray(np.maximum(np.abs(average - mean) / stray, np.abs(every[:, -1] - mean) / deviation))


@pytest.mark.parametrize("weight", [0.05, 0.3, 1.0])
@pytest.mark.parametrize("level", [0.0, 1000.0])
def test_score_is_the_greatest_distance_that_the_recursion_yields(weight: float, level: float) -> None:
    windows = noise(level=level)
    found, expected = scores(Ewma(weight=weight), windows), reference(windows, weight)
    np.testing.assert_allclose(found.score, expected.max(axis=1), rtol=1e-2 if level else 1e-4)
    assert found.by_channel is not None
    shares = expected**2 / (expected**2).sum(axis=1, keepdims=True) * expected.max(axis=1, keepdims=True)
    np.testing.assert_allclose(found.by_channel, shares, rtol=1e-2, atol=1e-2 if level else 1e-5)


def test_weights_by_hand() -> None:
    # z₁ = .5·µ + .5·x₁, z₂ = .5·z₁ + .5·x₂: a quarter is left to the mean.
    assert steps_back(2, 0.5).tolist() == [0.25, 0.5]


def test_a_small_lasting_shift_is_found_and_a_single_small_step_is_not() -> None:
    windows = noise(3000, length=40)
    usual = np.quantile(scores(Ewma(weight=0.1), windows).score, 0.99)
    lasting, single = np.zeros((2, 1, 40, 3), np.float32)
    lasting[:, :, 1], single[:, -1, 1] = 15, 15  # 1.5 deviations
    assert scores(Ewma(weight=0.1), windows, lasting).score[0] > 1.5 * usual
    assert scores(Ewma(weight=0.1), windows, single).score[0] < usual


def test_a_great_step_is_found_at_once() -> None:
    windows = noise(3000, length=40)
    step = np.zeros((1, 40, 3), np.float32)
    step[:, -1, 2] = 0.7  # 7 deviations
    assert scores(Ewma(weight=0.1), windows, step).score == pytest.approx([7], rel=0.05)


def test_readings_that_resemble_those_before_them_are_no_shift() -> None:
    """The textbook's deviation, which takes readings for independent, would be far too small here."""
    rng = np.random.default_rng(1)
    slow = np.convolve(rng.standard_normal(4049), np.ones(50) / 50, mode="valid")[:, None]
    windows = Windows(slow.astype(np.float32), np.arange(39, 4000), 40)
    assert (scores(Ewma(), windows).score > 3).mean() < 0.01


def test_a_channel_that_never_moved_counts_by_its_level() -> None:
    still = Windows(np.full((100, 1), 2000, np.float32), np.arange(9, 100), 10)
    moved = np.full((1, 10, 1), 2000, np.float32)
    moved[0, -1] += 1
    # Half a deviation of 2 by Shewhart's chart; by the other, .2 of that in deviations of .5 · 2.
    assert scores(Ewma(floor=0.5), still, moved).score == pytest.approx([0.5])


@pytest.mark.parametrize(("name", "value"), [("weight", 0), ("weight", 1.1), ("floor", 0), ("max_windows", 1)])
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        Ewma(**settings)


def test_what_is_expected_is_the_centre_line() -> None:
    windows = noise(level=5)
    strange = windows.take(slice(0, 4)).copy()
    strange[2:] += 1e6
    found = scores(Ewma(), windows, strange).expected
    assert found is not None
    np.testing.assert_allclose(found, np.tile(windows.rows().mean(axis=0, dtype=np.float64), (4, 1)), rtol=1e-6)
