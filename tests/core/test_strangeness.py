"""Scores between 0 and 1: in order, and on the right side of one half."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.strangeness import excess, strangeness

NUMBERS = st.floats(-1e300, 1e300)


def test_worked_out_by_hand() -> None:
    found = strangeness([0.0, 1.0, 3.0, 9.0, -2.0], [3.0, 3.0, 3.0, 3.0, 3.0])
    np.testing.assert_allclose(found, [0.0, 0.25, 0.5, 0.75, 0.0])
    np.testing.assert_allclose(strangeness([0.0, 1.0, -3.0], [0.0, 0.0, -2.0]), [0.5, 0.75, 0.25])
    np.testing.assert_allclose(excess([1.0, 3.0, 9.0], [3.0, 3.0, 3.0]), [0.0, 0.0, 0.5])


def test_what_has_no_score_has_no_strangeness() -> None:
    assert np.isnan(strangeness([np.nan, 1.0], [1.0, np.nan])).all()
    assert np.isnan(excess([np.nan], [1.0])).all()


@given(NUMBERS, NUMBERS)
def test_above_one_half_exactly_where_above_the_limit(score: float, limit: float) -> None:
    found, beyond = float(strangeness(score, limit)), float(excess(score, limit))
    assert 0 <= found <= 1
    assert 0 <= beyond <= 1
    assert (found > 0.5) == (score > limit)
    assert (beyond > 0) == (score > limit)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_greater_score_is_never_less_strange(one: float, other: float, limit: float) -> None:
    low, high = sorted((one, other))
    assert strangeness(low, limit) <= strangeness(high, limit)
    assert excess(low, limit) <= excess(high, limit)
