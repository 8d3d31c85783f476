"""The percentile: counts by hand, NumPy as reference, and what it says where scores are few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds.fixed import Fixed
from tocsin.thresholds.percentile import Percentile


def limit_of(threshold: Percentile, scores: FloatArray) -> float:
    limits = threshold.fit(Reference.of(scores)).limits
    assert isinstance(limits, ConstantLimit)
    return limits.limit


def test_the_95th_of_6558_marks_exactly_328_as_published() -> None:
    scores = np.random.default_rng(0).exponential(size=6558)
    limit = limit_of(Percentile(95, reference="scored"), scores)
    assert (scores > limit).sum() == 328


@given(st.integers(2, 500), st.floats(1, 99.9))
def test_the_limit_lies_midway_between_the_neighbours_numpy_finds(n: int, percent: float) -> None:
    scores = np.random.default_rng(n).permutation(n).astype(float)
    limit = limit_of(Percentile(percent), scores)
    lower = np.percentile(scores, percent, method="lower")
    assert limit == lower + 0.5 or (limit == n - 1 == lower)


def test_few_scores_are_said_to_be_few() -> None:
    threshold = Percentile(99.5)
    assert threshold.fit(Reference.of(np.zeros(600))).warnings == ()
    (said,) = threshold.fit(Reference.of(np.zeros(599))).warnings
    assert "599" in said
    assert "600" in said


def test_a_reference_that_promises_nothing_says_so() -> None:
    found = Percentile.parse("95@training").fit(Reference.of(np.zeros(10_000)))
    assert "promises no false-alarm rate" in found.warnings[0]


@pytest.mark.parametrize("text", ["abc", "0", "100", "95@tomorrow", "percent=99,magic=1"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Percentile.parse(text)


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "nan", "inf"])
def test_a_fixed_limit_must_be_a_positive_number(text: str) -> None:
    with pytest.raises(SettingError):
        Fixed.parse(text)


def test_there_is_no_limit_where_there_is_no_score() -> None:
    limits = Fixed(2.0).fit(Reference.of(np.zeros(0))).limits
    _, found = limits.step(limits.init(2), np.array([1.0, np.nan]))
    np.testing.assert_array_equal(found.limit, [2.0, np.nan])
