"""Portions: they sum to one, in the ratio of the shares, whatever the shares are."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.core.portions import portions


@given(arrays(np.float64, st.tuples(st.integers(0, 4), st.integers(1, 6)), elements=st.floats()))
def test_they_sum_to_one_or_there_are_none(shares: np.ndarray[Any, Any]) -> None:
    found = portions(shares)
    assert ((found >= 0) & (found <= 1)).all()
    some = (np.nan_to_num(shares) > 0).any(axis=1)
    np.testing.assert_allclose(found.sum(axis=1), some.astype(float), atol=1e-12)


@given(arrays(np.float64, (1, 4), elements=st.floats(0.01, 1e6)))
def test_they_keep_the_ratio(shares: np.ndarray[Any, Any]) -> None:
    np.testing.assert_allclose(portions(shares), shares / shares.sum())
