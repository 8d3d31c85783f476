"""What so many normal readings can prove: the verdict turns where it says it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tocsin.thresholds._evidence import Evidence

rates, watches = st.floats(1e-5, 0.5), st.floats(1.0, 1e5)
months, confidences = st.sampled_from([0.0, 30.0, 4380.0]), st.sampled_from([0.6, 0.9, 0.99])


def weekly(days: float, *, confidence: float = 0.9) -> Evidence:
    return Evidence(rate=1 / 7, watched=days, month=30, confidence=confidence)


@settings(deadline=None)
@given(rates, months, confidences)
def test_a_little_less_than_needed_proves_nothing_and_a_little_more_does(
    rate: float, month: float, sure: float
) -> None:
    evidence = Evidence(rate=rate, watched=1.0, month=month, confidence=sure)
    assert replace(evidence, watched=1.001 * evidence.needed).allowed is not None
    assert replace(evidence, watched=0.999 * evidence.needed).allowed is None


@settings(deadline=None)
@given(watches, months, confidences)
def test_the_tightest_rate_is_the_least_that_is_proven(watched: float, month: float, confidence: float) -> None:
    tightest = Evidence(rate=0.1, watched=watched, month=month, confidence=confidence).tightest
    for rate, proven in ((1.001 * tightest, True), (0.999 * tightest, False)):
        assert Evidence(rate=rate, watched=watched, month=month, confidence=confidence).proves(0) is proven


@settings(deadline=None)
@given(rates, watches, months, confidences)
def test_what_is_allowed_is_within_the_budget_by_both_bounds(
    rate: float, watched: float, month: float, c: float
) -> None:
    evidence = Evidence(rate=rate, watched=watched, month=month, confidence=c)
    if (allowed := evidence.allowed) is None:
        return
    assert stats.chi2.ppf(c, 2 * allowed + 2) / 2 <= rate * watched * (1 + 1e-9)
    ratio = evidence.horizon / watched
    assert stats.nbinom.cdf(evidence.most, allowed + 1, 1 / (1 + ratio)) >= c - 1e-9
    assert not evidence.proves(allowed + 1)


def test_one_alarm_a_week_takes_eighteen_days_without_one() -> None:
    assert weekly(3).needed == pytest.approx(30 * (10**0.2 - 1))
    assert [weekly(days).allowed for days in (3, 17.5, 17.6, 33, 46)] == [None, None, 0, 1, 2]


def test_a_fleet_proves_more_than_one_device() -> None:
    assert weekly(3).allowed is None
    assert weekly(3 * 20).allowed == 3


def test_the_true_rate_lies_between_its_ends() -> None:
    low, high = weekly(46).between(2)
    assert (7 * low, 7 * high) == pytest.approx((0.0809, 0.8099), rel=1e-3)
