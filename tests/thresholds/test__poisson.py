"""Poisson counts: SciPy as reference."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tocsin.thresholds._poisson import ahead, at_most, highest, lowest, most_where


@settings(deadline=None)
@given(st.integers(-1, 300), st.floats(1e-6, 300))
def test_the_chance_of_so_few(count: int, mean: float) -> None:
    assert at_most(count, mean) == pytest.approx(stats.poisson.cdf(count, mean), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.999])
@pytest.mark.parametrize("count", [0, 1, 2, 10, 1000])
def test_the_ends_are_garwoods(count: int, confidence: float) -> None:
    assert highest(count, confidence) == pytest.approx(stats.chi2.ppf(confidence, 2 * count + 2) / 2)
    exact = stats.chi2.ppf(1 - confidence, 2 * count) / 2 if count else 0.0
    assert lowest(count, confidence) == pytest.approx(exact, rel=1e-9, abs=1e-12)


@settings(deadline=None)
@given(st.integers(0, 200), st.integers(0, 50), st.floats(1e-3, 1e3))
def test_what_is_ahead_is_negative_binomial(count: int, most: int, ratio: float) -> None:
    exact = stats.nbinom.cdf(most, count + 1, 1 / (1 + ratio))
    assert ahead(count, most, ratio) == pytest.approx(exact, rel=1e-8, abs=1e-12)


def test_much_evidence_makes_what_is_ahead_a_poisson_number() -> None:
    assert ahead(10**5, 4, 2.4e-5) == pytest.approx(at_most(4, 2.4), abs=1e-4)


@settings(deadline=None)
@given(st.integers(-1, 100), st.integers(0, 100))
def test_the_greatest_number_is_found(last: int, top: int) -> None:
    assert most_where(lambda number: number <= last, top) == (None if last < 0 else min(last, top))


def test_huge_counts_neither_overflow_nor_take_long() -> None:
    assert highest(10**5, 0.9) == pytest.approx(10**5 + 1.2816 * math.sqrt(10**5), rel=1e-3)
