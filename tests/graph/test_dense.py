from __future__ import annotations

import numpy as np

from tocsin.graph.dense import dense
from tocsin.graph.network import Network
from tocsin.graph.run import Runner


def test_layer_is_weight_times_input_plus_bias() -> None:
    network = Network(window=1, channels=2)
    row = network.op("Reshape", network.input, network.integers([-1, 2]))
    weight, bias = np.array([[1, 10]], np.float32), np.array([0.5], np.float32)
    score = network.op("Reshape", dense(network, row, weight=weight, bias=bias), network.integers([-1]))
    found = Runner(network.seal(score).onnx)(np.array([[[1, 2]], [[3, 4]]], np.float32))
    assert found.score.tolist() == [21.5, 43.5]
