"""The moving mean by hand, and what it leaves out."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.reference import Reference
from tocsin.thresholds._trend import above_mean


def test_scores_are_counted_from_the_mean_of_those_before() -> None:
    above, mean = above_mean(Reference.of(np.array([1.0, 3.0, 1.0, 6.0, 2.0, 2.0])), over=3, limit=np.inf)
    np.testing.assert_allclose(above, [6 - 5 / 3, 2 - (5 / 3 + 6) / 2, 2 - ((5 / 3 + 6) / 2 + 2) / 2])
    assert mean == pytest.approx((((5 / 3 + 6) / 2 + 2) / 2 + 2) / 2)


def test_scores_above_the_limit_do_not_move_it() -> None:
    above, mean = above_mean(Reference.of(np.array([1.0, 1.0, 9.0, 1.0, 9.0])), over=2, limit=5.0)
    assert above.tolist() == [8.0, 0.0, 8.0]
    assert mean == 1


def test_without_a_mean_scores_are_as_they_are() -> None:
    scores = np.array([1.0, 2.0])
    above, mean = above_mean(Reference.of(scores), over=0, limit=0.0)
    assert (above.tolist(), mean) == ([1.0, 2.0], 0.0)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_shortest_references_have_a_mean(length: int) -> None:
    above, mean = above_mean(Reference.of(np.full(length, 4.0)), over=100, limit=np.inf)
    assert len(above) >= 1
    assert (np.unique(above).tolist(), mean) == ([0.0], 4.0)
