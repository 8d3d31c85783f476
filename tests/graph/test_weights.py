"""Sliding weights as a matrix."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.graph.weights import banded, whole_sum


@pytest.mark.parametrize(("weights", "results"), [(1, 1), (1, 5), (4, 1), (4, 7)])
def test_a_product_is_what_sliding_gives(weights: int, results: int) -> None:
    rng = np.random.default_rng(0)
    some, readings = rng.standard_normal(weights), rng.standard_normal(weights + results - 1)
    expected = np.convolve(readings, some[::-1], "valid")
    np.testing.assert_allclose(readings @ banded(some, results), expected)


def test_sums_meant_to_be_whole_are_whole() -> None:
    assert whole_sum(np.full(10, 0.1)) == 1
    assert whole_sum(np.array([0.5, 0.25])) == 0.75
