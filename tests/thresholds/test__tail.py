"""The tail's fit: SciPy's and libspot's fits of the same excesses, a truth that is known, and censored excesses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libspot import Spot
from scipy import optimize, stats

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.thresholds._tail import fit_tail, tail_quantile

TAILS = {"ends": -0.4, "light": -0.1, "exponential": 0.0, "heavy": 0.3, "wild": 1.2}


def none(excess: FloatArray) -> BoolArray:
    return np.zeros(len(excess), np.bool_)


def likelihood(excess: FloatArray, beyond: BoolArray, scale: float, shape: float) -> float:
    """Return the log-likelihood by SciPy's distribution; a censored excess counts with what lies beyond it."""
    tail = stats.genpareto(shape, scale=scale)
    return float(tail.logpdf(excess[~beyond]).sum() + tail.logsf(excess[beyond]).sum())


def sample(kind: str, n: int, seed: int = 0) -> FloatArray:
    drawn = stats.genpareto(TAILS[kind], scale=2).rvs(n, random_state=np.random.default_rng(seed))
    return np.asarray(drawn, np.float64)


@pytest.mark.parametrize("kind", TAILS)
def test_scale_and_shape_of_a_known_tail_are_found(kind: str) -> None:
    excess = sample(kind, 50_000)
    scale, shape = fit_tail(excess, none(excess))
    assert scale == pytest.approx(2, rel=0.03)
    assert shape == pytest.approx(TAILS[kind], abs=0.02)


@pytest.mark.parametrize("kind", TAILS)
@pytest.mark.parametrize("n", [10, 50, 400])
def test_no_search_of_scipys_finds_likelier_ones(kind: str, n: int) -> None:
    for seed in range(5):
        excess = sample(kind, n, seed)
        found = likelihood(excess, none(excess), *fit_tail(excess, none(excess)))
        shape, _, scale = stats.genpareto.fit(excess, floc=0)
        if shape >= -1:
            assert found >= likelihood(excess, none(excess), scale, shape) - 1e-3


@pytest.mark.parametrize("kind", ["light", "exponential", "heavy"])
def test_censored_excesses_are_counted_as_greater_than_that(kind: str) -> None:
    excess = sample(kind, 4000)
    cut = np.random.default_rng(1).uniform(2, 6, size=len(excess))
    beyond, told = excess > cut, np.minimum(excess, cut)
    scale, shape = fit_tail(told, beyond)
    best = optimize.minimize(lambda p: -likelihood(told, beyond, p[0], p[1]), (2.0, 0.1), method="Nelder-Mead")
    assert scale == pytest.approx(best.x[0], rel=0.01)
    assert shape == pytest.approx(best.x[1], abs=0.01)
    assert shape == pytest.approx(TAILS[kind], abs=0.08)


@given(st.floats(1e-6, 1e6), st.integers(0, 50))
def test_the_unit_changes_the_scale_alone(unit: float, seed: int) -> None:
    excess = sample("heavy", 30, seed)
    (scale, shape), (other, same) = fit_tail(excess, none(excess)), fit_tail(unit * excess, none(excess))
    assert other == pytest.approx(unit * scale)
    assert same == pytest.approx(shape)


def test_a_tail_that_ends_at_once_has_no_scale() -> None:
    assert fit_tail(np.zeros(5), none(np.zeros(5))) == (0.0, 0.0)


@pytest.mark.parametrize("shape", [-0.5, -1e-13, 0.0, 1e-13, 0.5])
def test_quantiles_are_scipys(shape: float) -> None:
    for share in (1.0, 0.5, 1e-3, 1e-9):
        assert tail_quantile(2.0, shape, share) == pytest.approx(stats.genpareto(shape, scale=2).isf(share), abs=1e-9)


@pytest.mark.parametrize("kind", ["light", "exponential", "heavy"])
@pytest.mark.parametrize("seed", range(6))
def test_where_libspot_finds_the_likeliest_tail_it_is_this_one(kind: str, seed: int) -> None:
    """Where its search for a root fails, it falls back on the moments, whose tail is less likely."""
    spot = Spot(1e-4, low=0, level=0.98, max_excess=10_000)
    spot.fit(sample(kind, 20_000, seed))
    excess = np.array(spot.excesses())
    scale, shape = fit_tail(excess, none(excess))
    lead = likelihood(excess, none(excess), scale, shape) - likelihood(excess, none(excess), spot.sigma, spot.gamma)
    assert lead > -1e-3
    limit = spot.excess_threshold + tail_quantile(scale, shape, 1e-4 * spot.n / spot.Nt)
    assert limit == pytest.approx(spot.anomaly_threshold, rel=0.01) or lead > 0.01


@pytest.mark.parametrize("worth", [5.0, 12.0, 20.0])
@pytest.mark.parametrize("kind", ["light", "exponential", "heavy"])
def test_with_few_excesses_it_is_the_likeliest_tail_under_a_prior(kind: str, worth: float) -> None:
    """Of half as many independent excesses the likelihood counts half, so the prior counts twice."""
    excess = sample(kind, 40, seed=1)
    firm = min(1, 30 / worth - 1) / 0.2**2 * len(excess) / worth

    def loss(p: FloatArray) -> float:
        return firm * float(p[1]) ** 2 / 2 - likelihood(excess, none(excess), np.exp(p[0]), p[1])

    best = optimize.minimize(loss, (np.log(2.0), 0.1), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-9})
    scale, shape = fit_tail(excess, none(excess), worth=worth)
    assert scale == pytest.approx(np.exp(best.x[0]), rel=0.01)
    assert shape == pytest.approx(best.x[1], abs=0.01)


@given(st.integers(0, 200), st.integers(1, 25), st.floats(0.2, 1))
def test_few_excesses_never_make_a_wild_tail(seed: int, n: int, alike: float) -> None:
    excess = sample("wild", n, seed)
    scale, shape = fit_tail(excess, none(excess), worth=n * alike)
    assert -1 <= shape <= 0.5
    assert tail_quantile(scale, shape, 0.05) < 10 * excess.max()


def test_enough_excesses_speak_for_themselves() -> None:
    excess = sample("wild", 60)
    assert fit_tail(excess, none(excess), worth=30) == fit_tail(excess, none(excess))
    assert fit_tail(excess, none(excess), worth=29)[1] <= 0.5
    assert fit_tail(excess, none(excess), worth=60, heaviest=0.8)[1] == 0.8
