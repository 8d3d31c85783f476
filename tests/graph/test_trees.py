from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.graph.trees import Tree, rounded_down, sum_of_trees

THRESHOLD = 0.1


def _stump(low: float, high: float, *, feature: int) -> Tree:
    return Tree(
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        feature=np.array([feature, -2, -2]),
        threshold=np.array([THRESHOLD, -2, -2]),
        value=np.array([np.nan, low, high]),
    )


def _scores(rows: list[list[float]]) -> list[float]:
    network = Network(window=1, channels=2)
    flat = network.op("Reshape", network.input, network.integers([-1, 2]))
    total = sum_of_trees(network, flat, [_stump(1, 2, feature=0), _stump(10, 20, feature=1)])
    score = network.op("Reshape", total, network.integers([-1]))
    found: list[float] = Runner(network.seal(score).onnx)(np.array(rows, np.float32)[:, None]).score.tolist()
    return found


def test_leaves_of_all_trees_are_summed() -> None:
    assert _scores([[0, 0], [0, 1], [1, 0], [1, 1]]) == [11, 21, 12, 22]


def test_lone_leaf_is_a_tree() -> None:
    network = Network(window=1, channels=1)
    flat = network.op("Reshape", network.input, network.integers([-1, 1]))
    none, number = np.array([-1]), np.array([7.0])
    leaf = Tree(left=none, right=none, feature=none, threshold=number, value=number)
    score = network.op("Reshape", sum_of_trees(network, flat, [leaf]), network.integers([-1]))
    assert Runner(network.seal(score).onnx)(np.zeros((2, 1, 1), np.float32)).score.tolist() == [7, 7]


def test_value_at_the_threshold_goes_where_float64_sends_it() -> None:
    above = float(np.float32(THRESHOLD))
    below = float(np.nextafter(np.float32(THRESHOLD), np.float32(0)))
    assert above > THRESHOLD > below
    assert _scores([[above, 0], [below, 0]]) == [12, 11]


@given(st.floats(-1e38, 1e38), st.floats(-(2.0**120), 2.0**120, width=32))
def test_rounding_down_changes_no_comparison(threshold: float, value: float) -> None:
    single = rounded_down(np.array([threshold]))[0]
    assert single.dtype == np.float32
    for near in (np.float32(value), np.float32(threshold), np.nextafter(np.float32(threshold), np.float32(np.inf))):
        assert (near <= single) == (float(near) <= threshold)
