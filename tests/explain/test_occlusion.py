"""Occlusion against a graph whose shares are known, and against its own statement on company."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array
from tocsin.core.windows import Windows
from tocsin.explain.occlusion import examples, occlusion
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


def test_a_channel_that_lowers_the_score_counts_for_what_it_does_alone(weighted: Runner) -> None:
    windows = cut([-1, 0, 2])  # a gains 1 alone, and loses nothing; c gains 6 alone, and loses 4
    shares = occlusion(weighted, windows, weighted(windows).score, normal=QUIET)
    np.testing.assert_allclose(shares, [[5 / 11, 0, 50 / 11]], rtol=1e-6)


def test_of_several_normal_windows_those_count_that_suit_best(weighted: Runner) -> None:
    normal = np.concatenate([cut([0, 0, 0]), cut([2, -1, 0])])  # both score 0
    shares = occlusion(weighted, cut([4, -1, 0]), np.array([2], np.float32), normal=normal)
    # Score 2. Without a: |0 - 2| = 2 or |2 - 2| = 0, so it loses 2; without b: 4 or |4 - 2| = 2, so it loses 0.
    # Alone a: 4 or |4 - 2| = 2, so it gains 2; alone b: 2 or 0, so it gains 0.
    np.testing.assert_allclose(shares, [[2, 0, 0]], rtol=1e-6)


def test_examples_are_few_unmarked_and_from_all_hours() -> None:
    series = np.arange(1_000, dtype=np.float32)[:, None].repeat(5, axis=1)
    labels = np.arange(999) < 500
    found = examples(Windows(series, np.arange(1, 1_000), 2, labels=labels))
    assert found.shape == (8, 2, 5)
    assert found.min() >= 500
    hours = np.sort(examples(Windows(series, np.arange(1, 1_000), 2))[:, -1, 0] % 125)
    assert len(np.unique(hours)) == 8  # evenly spaced ones would all be from the same hour of such a day


def test_many_channels_are_compared_with_fewer_windows() -> None:
    wide = Windows(np.zeros((60, 40), np.float32), np.arange(1, 60), 2)
    assert len(examples(wide)) == 2
    assert len(examples(Windows(wide.series, wide.end[:1], 2))) == 1


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
