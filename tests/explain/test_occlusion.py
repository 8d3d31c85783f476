"""Occlusion against a graph whose shares are known, and against its own statement on company."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.explain.occlusion import occlusion
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

QUIET = np.zeros((1, 2, 3), np.float32)


@pytest.fixture(scope="module")
def weighted() -> Runner:
    """A graph whose score is |1·a + 2·b + 3·c| of the window's last reading, with no shares of its own."""
    network = Network(window=2, channels=3)
    last = network.op("Gather", network.input, network.integers(1), attributes={"axis": 1})
    summed = network.op("MatMul", last, network.constant(np.array([[1], [2], [3]], np.float32)))
    return Runner(network.seal(network.op("Abs", network.op("Squeeze", summed, network.integers([1])))).onnx)


def cut(*last: list[float]) -> Float32Array:
    return np.stack([np.array([[0, 0, 0], row], np.float32) for row in last])


def test_the_shares_of_a_sum_are_its_terms(weighted: Runner) -> None:
    windows = cut([1, 1, 1], [0, 5, 0], [3, 0, 1])
    score = weighted(windows).score
    shares = occlusion(weighted, windows, score, normal=QUIET)
    np.testing.assert_allclose(shares, [[1, 2, 3], [0, 10, 0], [3, 0, 3]], rtol=1e-6)


def test_a_channel_that_lowers_the_score_has_no_share(weighted: Runner) -> None:
    windows = cut([-1, 0, 2])
    shares = occlusion(weighted, windows, weighted(windows).score, normal=QUIET)
    np.testing.assert_allclose(shares, [[0, 0, 5]], rtol=1e-6)


def test_without_any_effect_the_score_is_unattributed(weighted: Runner) -> None:
    windows = cut([7, 8, 9])
    shares = occlusion(
        weighted, windows, weighted(windows).score, normal=np.full((1, 2, 3), [7.0, 8.0, 9.0], np.float32)
    )
    assert np.isnan(shares).all()


def test_company_makes_no_difference(weighted: Runner) -> None:
    windows = np.random.default_rng(0).normal(size=(300, 2, 3)).astype(np.float32)
    score = weighted(windows).score
    whole = occlusion(weighted, windows, score, normal=QUIET)
    for k in (0, 7, 299):
        own = occlusion(weighted, windows[k : k + 1], score[k : k + 1], normal=QUIET)
        np.testing.assert_array_equal(own[0], whole[k])
