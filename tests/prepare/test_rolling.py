"""Rolling mean and deviation, held to Polars and to plain arithmetic."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.arrays import Float32Array
from tocsin.prepare import parse


def features(series: Float32Array, step: str) -> tuple[Float32Array, Float32Array]:
    """Return mean and deviation of a series of one channel, where they are known."""
    found = parse([step])
    columns = found(series[:, None])[found.reach :]
    return columns[:, 1], columns[:, 2]


def test_worked_by_hand() -> None:
    mean, deviation = features(np.array([1, 2, 6, 3], np.float32), "rolling:3")
    np.testing.assert_allclose(mean, [3, 11 / 3], rtol=1e-6)
    np.testing.assert_allclose(deviation, [np.sqrt(14 / 3), np.sqrt(26 / 9)], rtol=1e-6)


@pytest.mark.parametrize("readings", [2, 3, 7, 8, 12, 31, 144])
def test_equals_polars(readings: int) -> None:
    series = np.random.default_rng(readings).standard_normal(500).astype(np.float32)
    exact = pl.Series(series.astype(np.float64))
    mean, deviation = features(series, f"rolling:{readings}")
    np.testing.assert_allclose(mean, exact.rolling_mean(readings)[readings - 1 :].to_numpy(), atol=1e-6)
    expected = exact.rolling_std(readings, ddof=0)[readings - 1 :].to_numpy()
    np.testing.assert_allclose(deviation, expected, rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, st.integers(40, 60), elements=st.floats(-100, 100, width=32)),
    st.integers(2, 40),
)
def test_nothing_cancels(series: Float32Array, readings: int) -> None:
    stretches = np.lib.stride_tricks.sliding_window_view(series.astype(np.float64), readings)
    mean, deviation = features(series, f"rolling:{readings}")
    np.testing.assert_allclose(mean, stretches.mean(axis=1), atol=1e-4)
    np.testing.assert_allclose(deviation, stretches.std(axis=1), rtol=1e-4, atol=1e-5)


def test_a_spike_leaves_no_trace_once_it_has_left_the_stretch() -> None:
    series = np.random.default_rng(0).normal(0, 1e-3, 60).astype(np.float32)
    spiked = series.copy()
    spiked[20] = 100
    (mean, deviation), usual = features(spiked, "rolling:8"), features(series, "rolling:8")
    np.testing.assert_array_equal(mean[21:], usual[0][21:])
    np.testing.assert_array_equal(deviation[21:], usual[1][21:])


@pytest.mark.parametrize("level", [0.0, 0.1, 7e4, 3e38])
def test_what_stands_still_has_no_deviation(level: float) -> None:
    assert features(np.full(30, level, np.float32), "rolling:12")[1].tolist() == [0] * 19


def test_the_wildest_numbers_stay_finite() -> None:
    series = np.resize(np.array([3e38, -3e38, 0, np.inf, -np.inf, 1e-40], np.float32), 40)
    mean, deviation = features(series, "rolling:5")
    assert np.isfinite(mean).all()
    assert np.isfinite(deviation).all()
