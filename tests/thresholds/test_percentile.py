"""The percentile: counts by hand, NumPy as reference, and what it says where scores are few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.thresholds.fixed import Fixed
from tocsin.thresholds.percentile import Percentile


def test_the_95th_of_6558_marks_exactly_328_as_published() -> None:
    scores = np.random.default_rng(0).exponential(size=6558)
    limit = Percentile(95, reference="scored").fit(scores).limit
    assert (scores > limit).sum() == 328


@given(st.integers(2, 500), st.floats(1, 99.9))
def test_the_limit_lies_midway_between_the_neighbours_numpy_finds(n: int, percent: float) -> None:
    scores = np.random.default_rng(n).permutation(n).astype(float)
    limit = Percentile(percent).fit(scores).limit
    lower = np.percentile(scores, percent, method="lower")
    assert limit == lower + 0.5 or (limit == n - 1 == lower)


def test_few_scores_are_said_to_be_few() -> None:
    threshold = Percentile(99.5)
    assert threshold.warnings(np.zeros(600)) == ()
    (said,) = threshold.warnings(np.zeros(599))
    assert "599" in said
    assert "600" in said


def test_a_reference_that_promises_nothing_says_so() -> None:
    assert "promises no false-alarm rate" in Percentile.parse("95@training").warnings(np.zeros(10_000))[0]


@pytest.mark.parametrize("text", ["", "abc", "0", "100", "95@tomorrow"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Percentile.parse(text)


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "nan", "inf"])
def test_a_fixed_limit_must_be_a_positive_number(text: str) -> None:
    with pytest.raises(SettingError):
        Fixed.parse(text)


def test_there_is_no_limit_where_there_is_no_score() -> None:
    limits = Fixed(2.0).fit(None)
    _, found = limits.step(limits.init(2), np.array([1.0, np.nan]))
    np.testing.assert_array_equal(found, [2.0, np.nan])
