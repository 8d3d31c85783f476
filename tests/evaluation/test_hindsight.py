"""The hindsight score is the mean of the windows that cover a reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.hindsight import hindsight

SCORES = arrays(np.float64, st.integers(1, 40), elements=st.one_of(st.floats(-1e6, 1e6), st.just(np.nan)))


@given(SCORES, st.integers(1, 12))
def test_it_is_the_mean_of_the_scores_from_the_reading_on(score: FloatArray, window: int) -> None:
    found = hindsight(score, window)
    for k in range(len(score)):
        covering = score[k : k + window]
        known = covering[~np.isnan(covering)]
        if len(known):
            assert found[k] == pytest.approx(known.mean(), abs=1e-6)
        else:
            assert np.isnan(found[k])


def test_a_window_of_one_changes_nothing() -> None:
    score = np.array([3.0, np.nan, 1.0])
    np.testing.assert_array_equal(hindsight(score, 1), score)


def test_a_wild_score_leaves_no_trace_behind_its_window() -> None:
    score = np.array([1.0, 1e15, 1.0, 2.0, 3.0])
    assert hindsight(score, 2)[2:].tolist() == [1.5, 2.5, 3.0]
