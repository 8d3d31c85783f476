"""FLOP are what one works out by hand from the sizes of the layers."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from tocsin.core.errors import ArtifactError
from tocsin.export.flop import flop
from tocsin.graph.conv import conv
from tocsin.graph.lstm import LSTMWeights, lstm
from tocsin.graph.network import Network
from tocsin.graph.trees import Tree, sum_of_trees

RNG = np.random.default_rng(1)


def some(*shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return RNG.normal(size=shape).astype(np.float32)


def sealed(network: Network, values: str, units: int) -> bytes:
    total = network.op("MatMul", values, network.constant(np.ones((units, 1))))
    return network.seal(network.op("Reshape", total, network.integers([-1]))).onnx


def test_lstm() -> None:
    network = Network(window=10, channels=5)
    steps = network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]})
    hidden = lstm(network, steps, LSTMWeights(some(4 * 64, 5), some(4 * 64, 64), some(4 * 64)))
    last = network.op("Reshape", hidden.last, network.integers([-1, 64]))
    assert flop(sealed(network, last, 64)) == 10 * 2 * 4 * 64 * (5 + 64) + 2 * 64


@pytest.mark.parametrize(("stride", "steps"), [(1, 8), (2, 4)])
def test_convolution(stride: int, steps: int) -> None:
    network = Network(window=8, channels=3)
    turned = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    made = conv(network, turned, weight=some(6, 3, 5), bias=some(6), stride=stride)
    row = network.op("Reshape", made, network.integers([-1, 6 * steps]))
    assert flop(sealed(network, row, 6 * steps)) == 2 * 6 * steps * 3 * 5 + 2 * 6 * steps


def test_products_of_two_tensors_count_too() -> None:
    network = Network(window=4, channels=3)
    turned = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
    square = network.op("MatMul", network.input, turned)  # (n, 4, 4)
    row = network.op("Reshape", square, network.integers([-1, 16]))
    assert flop(sealed(network, row, 16)) == 2 * 4 * 4 * 3 + 2 * 16


def test_whole_numbers_count_as_floats_do() -> None:
    network = Network(window=2, channels=3)
    row = network.op("Reshape", network.input, network.integers([-1, 6]))
    stored = network._store(RNG.integers(-127, 127, (6, 4)).astype(np.int8))
    made = network.op("MatMul", row, network.op("DequantizeLinear", stored, network.constant(0.01)))
    assert flop(sealed(network, made, 4)) == 2 * 6 * 4 + 2 * 4


def test_trees_count_their_deepest_path() -> None:
    network = Network(window=1, channels=2)
    row = network.op("Reshape", network.input, network.integers([-1, 2]))
    # the root's right child is a split as well
    deep = Tree(
        np.array([1, -1, 3, -1, -1]),
        np.array([2, -1, 4, -1, -1]),
        np.zeros(5, np.int64),
        np.array([0.5, 0, 0.7, 0, 0]),
        np.arange(5.0),
    )
    total = sum_of_trees(network, row, [deep, deep])
    assert flop(network.seal(network.op("Reshape", total, network.integers([-1]))).onnx) == 2 * (2 + 1)


def test_a_graph_whose_shapes_nobody_knows_is_refused() -> None:
    make = onnx.helper
    window = make.make_tensor_value_info("window", onnx.TensorProto.FLOAT, ["n", 2, 3])
    score = make.make_tensor_value_info("score", onnx.TensorProto.FLOAT, None)
    nodes = [make.make_node("Mystery", ["window"], ["a"], domain="x"), make.make_node("MatMul", ["a", "a"], ["score"])]
    model = make.make_model(
        make.make_graph(nodes, "g", [window], [score]),
        opset_imports=[make.make_opsetid("", 21), make.make_opsetid("x", 1)],
    )
    with pytest.raises(ArtifactError, match="cannot be told"):
        flop(model.SerializeToString())
