from __future__ import annotations

import numpy as np
import pytest
import torch

from tocsin.core.arrays import Float32Array
from tocsin.graph.conv import conv, twofold
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

STEPS = 9


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


def _last(weight: Float32Array, bias: Float32Array, dilation: int, windows: Float32Array) -> Float32Array:
    """Return the first filter's result at the last step."""
    network = Network(window=STEPS, channels=weight.shape[1])
    steps = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    every = conv(network, steps, weight=weight, bias=bias, dilation=dilation, causal=True)
    last = network.op("Gather", every, network.integers(STEPS - 1), attributes={"axis": 2})
    graph = network.seal(network.op("Gather", last, network.integers(0), attributes={"axis": 1}))
    return Runner(graph.onnx)(windows).score


def test_looking_back_it_adds_up_readings_that_lie_a_dilation_apart() -> None:
    window = np.arange(1, STEPS + 1, dtype=np.float32)[None, :, None]
    weight = np.array([[[100, 10, 1]]], np.float32)
    assert _last(weight, np.array([0.5], np.float32), 3, window).tolist() == [3 * 100 + 6 * 10 + 9 + 0.5]


def test_before_the_window_there_are_zeros() -> None:
    window = np.arange(1, STEPS + 1, dtype=np.float32)[None, :, None]
    weight = np.array([[[100, 10, 1]]], np.float32)
    assert _last(weight, np.zeros(1, np.float32), 5, window).tolist() == [4 * 10 + 9]


@pytest.mark.parametrize("dilation", [1, 2, 4])
def test_looking_back_equals_pytorch(dilation: int) -> None:
    rng = np.random.default_rng(1)
    weight, bias = rng.standard_normal((4, 3, 2), np.float32), rng.standard_normal(4, np.float32)
    windows = rng.standard_normal((7, STEPS, 3), np.float32)
    padded = torch.nn.functional.pad(torch.from_numpy(windows).transpose(1, 2), (dilation, 0))
    expected = torch.nn.functional.conv1d(padded, torch.from_numpy(weight), torch.from_numpy(bias), dilation=dilation)
    np.testing.assert_allclose(_last(weight, bias, dilation, windows), expected[:, 0, -1].numpy(), rtol=1e-5, atol=1e-5)
