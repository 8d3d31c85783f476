from __future__ import annotations

import numpy as np

from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.graph.shares import mean_squared_error


def test_error_is_the_mean_of_squares_and_each_channel_has_its_part() -> None:
    network = Network(window=2, channels=2)
    expected = network.constant(np.zeros((1, 2, 2)))
    graph = network.seal(*mean_squared_error(network, network.input, expected, steps=2))
    found = Runner(graph.onnx)(np.array([[[1, 2], [3, 0]]], np.float32))
    assert found.by_channel is not None
    assert found.by_channel.tolist() == [[(1 + 9) / 4, 4 / 4]]
    assert found.score.tolist() == [14 / 4]
