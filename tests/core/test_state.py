"""States of some devices of a fleet: neighbours are looked at where they stand, others are copied."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.state import neighbours, put, take, view

WHOLE = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("index", [[0, 1, 2, 3, 4, 5], [2, 3], [4], [], [1, 3], [3, 2], [2, 2]])
def test_a_view_is_what_would_be_taken(index: list[int]) -> None:
    at = np.array(index, np.int64)
    assert np.array_equal(view(WHOLE, at), take(WHOLE, at))
    other = np.zeros_like(WHOLE)
    other[neighbours(at)] = WHOLE[at]
    assert np.array_equal(other, put(np.zeros_like(WHOLE), at, WHOLE[at]))


def test_neighbours_are_not_copied_and_what_is_taken_always_is() -> None:
    every = np.arange(6)
    assert view(WHOLE, every) is WHOLE
    assert not np.shares_memory(take(WHOLE, every), WHOLE)
    assert not np.shares_memory(view(WHOLE, np.array([0, 2])), WHOLE)
