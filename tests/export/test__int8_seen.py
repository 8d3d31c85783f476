"""What layers are fed with: read off where that is plain, and left out where a foreign graph does it otherwise."""

from __future__ import annotations

import numpy as np

from tocsin.export._int8_layers import layers
from tocsin.export._int8_seen import seen
from tocsin.graph import parse
from tocsin.graph.network import Network


def test_a_convolution_over_two_axes_is_left_out() -> None:
    network = Network(window=6, channels=3)
    picture = network.op("Reshape", network.input, network.integers([-1, 1, 6, 3]))
    weights = np.random.default_rng(0).normal(size=(8, 1, 3, 3))
    seen_by = network.op("Conv", picture, network.constant(weights), attributes={"kernel_shape": [3, 3]})
    flat = network.op("Reshape", seen_by, network.integers([-1, 32]))
    hidden = network.op("MatMul", flat, network.constant(np.random.default_rng(1).normal(size=(32, 4))))
    score = network.op("MatMul", hidden, network.constant(np.ones((4, 1))))
    model = parse(network.seal(network.op("Reshape", score, network.integers([-1]))).onnx)
    for number, node in enumerate(model.graph.node):
        node.name = f"node_{number}"
    found = seen(model, layers(model), np.ones((5, 6, 3), np.float32))
    assert [rows.shape for rows in found.values()] == [(5, 32)]
