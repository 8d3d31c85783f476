from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.metrics.period import _smooth, dominant_period


@pytest.mark.parametrize("period", [6, 24, 100, 300])
def test_finds_the_period_of_a_rhythm(period: int) -> None:
    assert dominant_period(np.sin(np.arange(4000) * 2 * np.pi / period)) == period


def test_noise_does_not_hide_a_rhythm() -> None:
    noise = np.random.default_rng(0).normal(size=5000)
    assert dominant_period(np.sin(np.arange(5000) * 2 * np.pi / 50) + 0.5 * noise) in (49, 50, 51)


@pytest.mark.parametrize(
    "series",
    [
        np.zeros(0),
        np.zeros(1),
        np.arange(3.0),
        np.ones(1000),
        np.full(1000, 0.1),
        np.arange(1000.0),
        np.sin(np.arange(4000) * 2 * np.pi / 350),
        np.tile([0.0, 1.0], 500),
    ],
)
def test_falls_back_where_there_is_no_period(series: FloatArray) -> None:
    assert dominant_period(series) == 125
    assert dominant_period(series, fallback=7) == 7


def test_only_the_first_readings_count() -> None:
    early = np.sin(np.arange(20_000) * 2 * np.pi / 50)
    late = 100 * np.sin(np.arange(30_000) * 2 * np.pi / 80)
    assert dominant_period(np.concatenate([early, late])) == 50


@pytest.mark.parametrize("series", [np.array([1.0, np.nan]), np.array([np.inf]), np.eye(3)])
def test_refuses_what_is_no_series(series: FloatArray) -> None:
    with pytest.raises(ValueError, match="series of shape"):
        dominant_period(series)


@given(st.integers(1, 50_000))
def test_a_length_for_the_transform_has_no_factor_above_five(least: int) -> None:
    found = _smooth(least)
    rest = found
    for factor in (2, 3, 5):
        while rest % factor == 0:
            rest //= factor
    assert least <= found <= 2 * least
    assert rest == 1


def theirs(tsb_ad: Any, series: FloatArray) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it divides by the variance of constant series
        return int(tsb_ad.period(series, rank=1))


def test_equals_the_package_behind_published_tables(tsb_ad: Any) -> None:
    random = np.random.default_rng(0)
    for k in range(60):
        readings = int(random.integers(5, 3000))
        rhythm = np.sin(np.arange(readings) * 2 * np.pi / random.uniform(2, 500))
        steps = np.repeat(random.normal(size=readings), 7)[:readings]
        series = (rhythm + 0.3 * random.normal(size=readings), np.sign(rhythm), np.cumsum(steps), steps > 1.5)[k % 4]
        assert dominant_period(series) == theirs(tsb_ad, np.asarray(series, np.float64))


def test_equals_it_on_real_telemetry(tsb_ad: Any, shared_data: Path) -> None:
    files = sorted((shared_data / "smap_msl" / "test").glob("*.npy"))
    if not files:
        pytest.skip("the SMAP and MSL series are not here")
    for file in files:
        columns = np.load(file)[:, :3]
        assert [dominant_period(column) for column in columns.T] == [theirs(tsb_ad, column) for column in columns.T]
