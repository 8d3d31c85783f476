"""How rare errors are: against the distributions they come from, and where there is little to learn from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import genpareto

from tocsin.core.arrays import FloatArray
from tocsin.detectors._tail import pareto, rarity


def test_the_body_is_the_empirical_distribution() -> None:
    errors = np.random.default_rng(0).chisquare(3, 50_000)
    at = np.quantile(errors, [0.2, 0.5, 0.8])
    np.testing.assert_allclose(rarity(errors)(at), -np.log10([0.8, 0.5, 0.2]), atol=0.01)


@pytest.mark.parametrize("shape", [0.0, 0.2, 0.4])
def test_the_tail_goes_on_beyond_the_greatest_error(shape: float) -> None:
    """Learned from 20,000 errors, it tells what one in ten million would exceed."""
    errors = genpareto(shape, scale=3).rvs(20_000, random_state=np.random.default_rng(1))
    levels = np.array([2.0, 3.0, 5.0, 7.0])
    at = genpareto(shape, scale=3).isf(10**-levels)
    np.testing.assert_allclose(rarity(errors)(at), levels, rtol=0.12)


def test_scale_and_shape_are_found_again() -> None:
    excess = genpareto(0.25, scale=2).rvs(100_000, random_state=np.random.default_rng(2))
    scale, shape = pareto(excess)
    assert scale == pytest.approx(2, rel=0.05)
    assert shape == pytest.approx(0.25, abs=0.03)


def test_a_tail_with_an_end_is_taken_as_exponential_with_its_mean() -> None:
    excess = np.random.default_rng(3).uniform(0, 4, 10_000)
    scale, shape = pareto(excess)
    assert scale == pytest.approx(excess.mean())
    assert shape == 0


def test_a_very_heavy_tail_is_held_at_a_half() -> None:
    excess = genpareto(0.9).rvs(10_000, random_state=np.random.default_rng(4))
    scale, shape = pareto(excess)
    assert shape == 0.5
    assert scale == pytest.approx(excess.mean() / 2)


@pytest.mark.parametrize(
    "errors",
    [np.zeros(100), np.full(100, 3.0), np.array([0.0, 1.0]), np.append(np.zeros(99), 1e9), np.repeat([1.0, 2.0], 50)],
    ids=["zero", "alike", "two", "one wild", "two values"],
)
def test_it_always_rises_and_is_finite(errors: FloatArray) -> None:
    curve = rarity(errors)
    assert (np.diff(curve.at.astype(np.float32)) > 0).all()
    assert (np.diff(curve.level) > 0).all()
    found = curve(np.array([0.0, 1e-3, 1.0, 1e6, 1e12]))
    assert np.isfinite(found).all()
    assert found[0] == 0
    assert (np.diff(found) > 0).all()
