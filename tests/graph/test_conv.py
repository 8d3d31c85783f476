from __future__ import annotations

import numpy as np
import pytest

from tocsin.graph.conv import conv, twofold
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


@pytest.mark.parametrize(("stride", "expected"), [(1, [3.0, 6, 9, 7]), (2, [3.0, 9])])
def test_sum_of_neighbours_by_hand(stride: int, expected: list[float]) -> None:
    assert [_summed(stride, place) for place in range(len(expected))] == expected


def _summed(stride: int, place: int) -> float:
    network = Network(window=4, channels=1)
    steps = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    weight, bias = np.ones((1, 1, 3), np.float32), np.zeros(1, np.float32)
    row = network.op("Flatten", conv(network, steps, weight=weight, bias=bias, stride=stride))
    score = network.op("Gather", row, network.integers(place), attributes={"axis": 1})
    return float(Runner(network.seal(score).onnx)(np.array([[[1], [2], [3], [4]]], np.float32)).score[0])


@pytest.mark.parametrize(("length", "expected"), [(4, [[1, 1, 2, 2]]), (3, [[1, 1, 2]])])
def test_each_step_comes_twice(length: int, expected: list[list[float]]) -> None:
    assert (np.array([[1, 2]], np.float32) @ twofold(length)).tolist() == expected
