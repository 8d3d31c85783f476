"""The autocorrelation by Fourier transform against the plain sum, and peaks by their definition."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.rhythm import first_of_highest, peaks, resemblance


def by_definition(rows: np.ndarray, lag: int, *, paired: bool) -> float:
    """Return the mean over the channels of Σ x(t) x(t + lag) / Σ x(t)², per pair if asked."""
    centred = rows - rows.mean(axis=0)
    n = len(rows)
    one = [float(x[: n - lag] @ x[lag:]) / float(x @ x) for x in centred.T]
    return float(np.mean(one)) * (n / (n - lag) if paired else 1.0)


@pytest.mark.parametrize("paired", [False, True])
def test_it_is_the_autocorrelation(paired: bool) -> None:
    rows = np.random.default_rng(0).normal(size=(50, 3))
    found = resemblance(rows, 20, paired=paired)
    np.testing.assert_allclose(found, [by_definition(rows, lag, paired=paired) for lag in range(21)], atol=1e-12)


def test_channels_that_stand_still_say_nothing() -> None:
    wave = np.sin(np.arange(100.0))[:, None]
    still = np.full((100, 1), 3.0)
    np.testing.assert_array_equal(resemblance(np.hstack([wave, still]), 30), resemblance(wave, 30))
    assert resemblance(still, 30).tolist() == [0.0]


def test_a_peak_has_nothing_higher_half_its_lag_around_it() -> None:
    lagged = np.array([1.0, 0.2, 0.1, 0.5, 0.1, 0.0, 0.1, 0.3, 0.9, 0.3, 0.1, 0.0, 0.2])
    assert peaks(lagged, shortest=2).tolist() == [3, 8]
    assert peaks(lagged, shortest=4).tolist() == [8]


def test_of_nearly_equal_peaks_the_shortest_counts() -> None:
    lags, height = np.array([24, 48, 72]), np.array([0.85, 0.9, 0.8])
    assert first_of_highest(lags, height) == 24
    assert first_of_highest(lags, height, nearly=0.99) == 48
    assert first_of_highest(lags[:0], height[:0]) is None
