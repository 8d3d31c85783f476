"""Periods: those that are there are found, and chance is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from tocsin.core.arrays import FloatArray
from tocsin.training.profile._period import period_in


def wave(rows: int, period: int, *, noise: float = 0.5, seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.asarray(np.sin(2 * np.pi * np.arange(rows) / period) + noise * rng.normal(size=rows))[:, None]


@pytest.mark.parametrize(("period", "rows"), [(24, 240), (96, 700), (288, 600), (288, 4000), (1440, 4000)])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_a_day_is_found_whatever_the_cadence(period: int, rows: int, noise: float) -> None:
    found = period_in(wave(rows, period, noise=noise), cadence_s=86_400 / period)
    assert found is not None
    assert found[0] == period
    assert 0.4 < found[1] <= 1


@pytest.mark.parametrize("period", [7, 50, 211])
def test_a_period_that_nobody_keeps_is_found_without_a_clock(period: int) -> None:
    found = period_in(wave(12 * period, period), cadence_s=None)
    assert found is not None
    assert found[0] == pytest.approx(period, rel=0.02)


def test_a_pulse_once_a_day_is_found_beside_a_drift_and_spikes() -> None:
    rng = np.random.default_rng(3)
    day = np.clip(wave(2000, 96, noise=0)[:, 0], 0, 1) ** 4
    series = day + np.linspace(0, 3, 2000) + 0.1 * rng.normal(size=2000)
    series[rng.integers(0, 2000, 10)] += 50
    found = period_in(series[:, None], cadence_s=900.0)
    assert found is not None
    assert found[0] == 96


def test_channels_without_a_rhythm_do_not_hide_one_that_most_share() -> None:
    rng = np.random.default_rng(4)
    noise = rng.normal(size=(1500, 1))
    found = period_in(np.hstack([wave(1500, 24), wave(1500, 24, seed=1), noise, np.ones((1500, 1))]), cadence_s=None)
    assert found is not None
    assert found[0] == 24


@pytest.mark.parametrize("memory", [0.0, 0.5])
@pytest.mark.parametrize("rows", [60, 600, 6000])
def test_noise_has_no_period(memory: float, rows: int) -> None:
    rng = np.random.default_rng(5)
    found = [
        period_in(lfilter([1], [1, -memory], rng.normal(size=(rows, 1)), axis=0), cadence_s=300.0) for _ in range(40)
    ]
    assert sum(one is not None for one in found) <= 1


def test_a_wandering_level_is_seldom_taken_for_a_period() -> None:
    rng = np.random.default_rng(6)
    found = [period_in(np.cumsum(rng.normal(size=(2000, 1)), axis=0), cadence_s=300.0) for _ in range(60)]
    assert sum(one is not None for one in found) <= 9


@pytest.mark.parametrize("rows", [0, 1, 3, 20])
def test_a_handful_of_rows_has_none(rows: int) -> None:
    assert period_in(np.random.default_rng(0).normal(size=(rows, 2)), cadence_s=60.0) is None


def test_what_stands_still_has_none() -> None:
    assert period_in(np.ones((500, 2)), cadence_s=60.0) is None
    assert period_in(np.zeros((500, 0)), cadence_s=60.0) is None
