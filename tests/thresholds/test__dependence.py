"""What scores are worth: autocorrelations that are known, and SciPy's gamma distribution."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from tocsin.core.reference import Reference
from tocsin.thresholds._dependence import gamma_quantile, independent_scores


def test_independent_scores_are_worth_what_they_are() -> None:
    assert independent_scores(Reference.of(np.random.default_rng(0).normal(size=20_000))) == pytest.approx(
        20_000, rel=0.1
    )


def test_blocks_are_worth_one_each() -> None:
    for length in (5, 20):
        scores = np.repeat(np.random.default_rng(1).normal(size=4000), length)
        assert independent_scores(Reference.of(scores)) == pytest.approx(4000, rel=0.15)


def test_an_autoregression_is_worth_what_simulation_says() -> None:
    """The count of high scores varies as much as that of so many independent ones."""
    noise = np.random.default_rng(2).normal(size=(400, 5000))
    scores = np.abs(signal.lfilter([1], [1, -0.95], noise, axis=1))[:, 1000:]
    high = scores > np.quantile(scores, 0.9)
    simulated = 0.9 * 0.1 / high.mean(axis=1).var()
    found = np.mean([independent_scores(Reference.of(row)) for row in scores[:20]])
    assert found == pytest.approx(simulated, rel=0.25)


def test_devices_are_worth_their_sum_and_equal_scores_are_counted() -> None:
    scores = np.random.default_rng(3).normal(size=6000)
    one, both = Reference.of(scores), Reference(scores, np.tile(np.arange(3000), 2), np.repeat([0, 1], 3000))
    assert independent_scores(both) == pytest.approx(independent_scores(one), rel=0.1)
    assert independent_scores(Reference.of(np.ones(10))) == 10


@pytest.mark.parametrize("shape", [1, 3, 10, 100])
@pytest.mark.parametrize("place", [0.05, 0.5, 0.95])
def test_gamma_quantiles_are_scipys(shape: float, place: float) -> None:
    assert gamma_quantile(shape, stats.norm.ppf(place)) == pytest.approx(
        stats.gamma(shape).ppf(place), rel=0.03, abs=0.02
    )
