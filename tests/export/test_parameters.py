"""Parameters are counted as the makers of networks count them, whatever the graph looks like."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.export.parameters import parameters
from tocsin.graph.conv import conv, twofold
from tocsin.graph.dense import dense
from tocsin.graph.gru import GRUWeights, gru
from tocsin.graph.lstm import LSTMWeights, lstm
from tocsin.graph.network import Network
from tocsin.graph.trees import Tree, sum_of_trees

RNG = np.random.default_rng(1)


def some(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return RNG.normal(size=shape).astype(np.float32)


def sealed(network: Network, values: str, units: int) -> bytes:
    """Seal a graph whose score is the plain sum of ``values`` of shape (n, units)."""
    total = network.op("MatMul", values, network.constant(np.ones((units, 1))))
    return network.seal(network.op("Reshape", total, network.integers([-1]))).onnx


def dense_graph(*, whole_numbers: bool = False) -> bytes:
    network = Network(window=2, channels=3)
    row = network.op("Reshape", network.input, network.integers([-1, 6]))
    if not whole_numbers:
        return sealed(network, dense(network, row, weight=some(4, 6), bias=some(4)), 4)
    stored = network._store(RNG.integers(-127, 127, (6, 4)).astype(np.int8))
    weight = network.op("DequantizeLinear", stored, network.constant(0.01))
    product = network.op("MatMul", row, weight)
    return sealed(network, network.op("Add", product, network.constant(some(4))), 4)


def test_dense() -> None:
    assert parameters(dense_graph()) == 6 * 4 + 4


def test_int8_counts_the_same() -> None:
    assert parameters(dense_graph(whole_numbers=True)) == 6 * 4 + 4


def test_weights_that_are_used_twice_count_once() -> None:
    network = Network(window=1, channels=3)
    row = network.op("Reshape", network.input, network.integers([-1, 3]))
    weight = network.constant(some(3, 3))
    twice = network.op("MatMul", network.op("MatMul", row, weight), weight)
    assert parameters(sealed(network, twice, 3)) == 9


def test_lstm_has_one_bias_a_gate() -> None:
    network = Network(window=4, channels=5)
    steps = network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]})
    hidden = lstm(network, steps, LSTMWeights(some(4 * 7, 5), some(4 * 7, 7), some(4 * 7)))
    last = network.op("Reshape", hidden.last, network.integers([-1, 7]))
    assert parameters(sealed(network, last, 7)) == 4 * 7 * (5 + 7 + 1)


def test_gru_has_two_biases_a_gate() -> None:
    network = Network(window=4, channels=5)
    steps = network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]})
    hidden = gru(network, steps, GRUWeights(some(3 * 7, 5), some(3 * 7, 7), some(3 * 7), some(3 * 7)))
    last = network.op("Reshape", hidden.last, network.integers([-1, 7]))
    assert parameters(sealed(network, last, 7)) == 3 * 7 * (5 + 7 + 2)


def test_convolution_counts_and_repeating_steps_does_not() -> None:
    network = Network(window=8, channels=3)
    steps = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    half = conv(network, steps, weight=some(6, 3, 5), bias=some(6), stride=2)
    wide = network.op("MatMul", half, network.constant(twofold(8)))
    row = network.op("Reshape", wide, network.integers([-1, 48]))
    assert parameters(sealed(network, row, 48)) == 6 * 3 * 5 + 6


def test_trees_count_splits_and_leaves() -> None:
    network = Network(window=1, channels=2)
    row = network.op("Reshape", network.input, network.integers([-1, 2]))
    total = sum_of_trees(network, row, [stump(), stump()])
    assert parameters(network.seal(network.op("Reshape", total, network.integers([-1]))).onnx) == 2 * 3


def stump() -> Tree:
    split = np.array([1, -1, -1])
    return Tree(split, np.array([2, -1, -1]), np.array([0, 0, 0]), np.array([0.5, 0, 0]), np.array([0, 1.0, 2.0]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("detector", "count"), [("lstm_autoencoder", 63_813), ("cnn_autoencoder", 12_552), ("autoencoder", 7_610)]
)
def test_the_networks_have_as_many_as_their_pages_say(detector: str, count: int) -> None:
    from tocsin.core.discover import load
    from tocsin.core.windows import Windows

    made = load("detectors", detector)(epochs=0)
    length = made.default_window
    windows = Windows(some(100, 5), np.arange(length, 100), length)
    # untrained biases are all 0, and count no less
    assert parameters(made.fit(windows, seed=0).onnx) == count
