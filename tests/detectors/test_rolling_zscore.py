from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.rolling_zscore import RollingZscore, least_deviation
from tocsin.graph.run import Runner


def _windows(series: npt.NDArray[np.generic], length: int) -> Windows:
    return Windows(series.astype(np.float32), np.arange(length - 1, len(series)), length)


def _scores(windows: Windows, scored: Float32Array | None = None, *, floor: float = 0.05) -> Scores:
    runner = Runner(RollingZscore(floor=floor).fit(windows, seed=0).onnx)
    return runner(windows.take(slice(None)) if scored is None else scored)


def _by_numpy(windows: Windows, floor: float) -> npt.NDArray[np.float64]:
    every = windows.take(slice(None)).astype(np.float64)
    before, last = every[:, :-1], every[:, -1]
    least = floor * windows.rows().astype(np.float64).std(axis=0)
    return np.asarray(np.abs(last - before.mean(axis=1)) / np.maximum(before.std(axis=1), least))


def test_score_by_hand() -> None:
    windows = _windows(np.array([[1.0], [3], [1], [3], [7]]), 5)
    # Before the last: mean 2, deviation 1. The last is 5 deviations away.
    assert _scores(windows).score.tolist() == [5]


def test_score_is_the_greatest_z_of_any_channel_as_numpy_has_it() -> None:
    series = np.random.default_rng(0).standard_normal((500, 4)) * [1, 10, 0.01, 1000] + [0, 5, 3, -2000]
    windows = _windows(series, 30)
    np.testing.assert_allclose(_scores(windows).score, _by_numpy(windows, 0.05).max(axis=1), rtol=2e-5)


def test_shares_are_squares_that_sum_to_the_score() -> None:
    windows = _windows(np.random.default_rng(1).standard_normal((300, 3)), 20)
    found, z = _scores(windows), _by_numpy(windows, 0.05)
    assert found.by_channel is not None
    expected = z**2 / (z**2).sum(axis=1, keepdims=True) * z.max(axis=1, keepdims=True)
    np.testing.assert_allclose(found.by_channel, expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.by_channel.sum(axis=1), found.score, rtol=1e-6)


@pytest.mark.parametrize("level", [1e4, 1e6, -1e6])
def test_high_levels_cost_no_precision(level: float) -> None:
    series = np.round(np.random.default_rng(2).standard_normal((200, 1)) * 64) / 16
    low, high = _windows(series, 40), _windows(series + level, 40)
    np.testing.assert_array_equal(high.series.astype(np.float64) - level, low.series)
    np.testing.assert_allclose(_scores(high).score, _scores(low).score, rtol=1e-4)


def test_flat_stretch_is_held_by_the_floor() -> None:
    moving = np.random.default_rng(3).standard_normal((400, 1))
    windows = _windows(moving, 10)
    flat = np.zeros((1, 10, 1), np.float32)
    flat[0, -1] = 0.5
    expected = 0.5 / (0.05 * windows.rows().std())
    assert _scores(windows, flat).score == pytest.approx([expected], rel=1e-4)


@pytest.mark.parametrize(("level", "floor"), [(0.0, 1e-3), (0.5, 1e-3), (2000.0, 2.0), (-2000.0, 2.0)])
def test_constant_channel_has_a_floor_by_its_level(level: float, floor: float) -> None:
    assert least_deviation(np.full((50, 1), level, np.float32), 0.05) == pytest.approx([floor])


def test_floor_never_lies_below_what_float32_resolves() -> None:
    rows = np.array([[2e7], [2e7 + 2]], np.float32).repeat(50, axis=0)
    assert least_deviation(rows, 1e-9)[0] > 1


def test_spike_does_not_dampen_itself() -> None:
    series = np.tile([[0.0], [1.0]], (60, 1))
    series[-1] = 100
    assert _scores(_windows(series[:-1], 21), _windows(series, 21).take(slice(-1, None))).score[0] > 100


@pytest.mark.parametrize("floor", [0, -1, float("nan")])
def test_floor_must_be_above_zero(floor: float) -> None:
    with pytest.raises(SettingError, match="floor"):
        RollingZscore(floor=floor)


def test_window_must_hold_readings_to_compare_with() -> None:
    with pytest.raises(InputError, match="at least 3"):
        _scores(_windows(np.zeros((10, 1)), 2))


def test_machine_temperature_as_numpy_has_it(shared_data: Path) -> None:
    [path] = shared_data.glob("nab/**/machine_temperature_system_failure.csv")
    values = np.loadtxt(path, delimiter=",", skiprows=1, usecols=1)[:5000, None]
    windows = _windows(values, 120)
    np.testing.assert_allclose(_scores(windows).score, _by_numpy(windows, 0.05).max(axis=1), rtol=1e-3, atol=1e-3)


def test_what_is_expected_is_the_mean_of_the_readings_before() -> None:
    series = np.random.default_rng(3).standard_normal((300, 2)) * [1, 1000] + [2e6, -40]
    windows = _windows(series, 20)
    found = _scores(windows).expected
    assert found is not None
    before = windows.take(slice(None))[:, :-1].astype(np.float64).mean(axis=1)
    np.testing.assert_allclose(found, before, rtol=1e-6, atol=1e-3)
