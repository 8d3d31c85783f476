"""Values less their recent level, held to the recursion that the weights spell out."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.prepare import parse
from tocsin.prepare.detrend import Detrend


def detrended(series: Float32Array, step: str) -> Float32Array:
    found = parse([step])
    return found(series[:, None])[found.reach :, 0]


def test_worked_by_hand() -> None:
    # the readings before it weigh 1, 2, 4, 8 of 15
    np.testing.assert_allclose(detrended(np.array([15, 0, 30, 0, 100], np.float32), "detrend:2"), [91], rtol=1e-6)


@pytest.mark.parametrize("span", [2, 10, 100])
def test_equals_the_recursion_of_an_exponential_mean(span: int) -> None:
    series = np.random.default_rng(span).standard_normal(800).cumsum().astype(np.float32)
    keep, expected = 1 - 1 / span, []
    for now in range(2 * span, len(series)):
        mean = weight = 0.0
        for value in series[now - 2 * span : now].astype(np.float64):
            mean, weight = keep * mean + value, keep * weight + 1
        expected.append(series[now] - mean / weight)
    np.testing.assert_allclose(detrended(series, f"detrend:{span}"), expected, atol=1e-5)


def test_a_shifted_level_is_forgotten() -> None:
    series = np.where(np.arange(400) < 200, 3.0, 53.0).astype(np.float32)
    found = detrended(series, "detrend:50")
    shift = 200 - 100
    assert found[shift - 1] == 0
    assert found[shift] == 50
    assert found[shift + 50] == pytest.approx(50 * 0.27, rel=0.02)
    assert found[shift + 100 :].tolist() == [0] * 100


def test_the_weights_sum_up_to_nothing() -> None:
    assert Detrend(100).weights().sum() == pytest.approx(0, abs=1e-12)
    assert Detrend.parse("") == Detrend(100)


@pytest.mark.parametrize("level", [0.1, 1e5])
def test_what_stands_still_is_at_its_level(level: float) -> None:
    assert detrended(np.full(60, level, np.float32), "detrend:20").tolist() == [0] * 20
