from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.graph.gru import GRUWeights, gru
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

UNITS = 3


def _sigmoid(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))


def _by_the_book(windows: Float32Array, weights: GRUWeights) -> npt.NDArray[np.float64]:
    hidden = np.zeros((len(windows), UNITS))
    for step in range(windows.shape[1]):
        inner = np.split((windows[:, step] @ weights.kernel.T + weights.bias).astype(np.float64), 3, axis=1)
        outer = np.split(hidden @ weights.recurrent.T.astype(np.float64) + weights.recurrent_bias, 3, axis=1)
        reset, update = _sigmoid(inner[0] + outer[0]), _sigmoid(inner[1] + outer[1])
        candidate = np.tanh(inner[2] + reset * outer[2])
        hidden = (1 - update) * candidate + update * hidden
    return hidden


def test_layer_equals_the_textbook_equations() -> None:
    rng = np.random.default_rng(0)
    shapes = [(3 * UNITS, UNITS), (3 * UNITS, UNITS), (3 * UNITS,), (3 * UNITS,)]
    weights = GRUWeights(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes))
    windows = rng.standard_normal((6, 4, UNITS)).astype(np.float32)
    network = Network(window=4, channels=UNITS)
    hidden = gru(network, network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]}), weights)
    last = network.op("Squeeze", hidden.last, network.integers([0]))
    final = network.op("Gather", hidden.steps, network.integers(3), attributes={"axis": 0})
    score = network.op("Gather", network.op("Sub", last, final), network.integers(0), attributes={"axis": 1})
    found = Runner(network.seal(score, last).onnx)(windows)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, _by_the_book(windows, weights), atol=2e-6)
    assert found.score.tolist() == [0] * 6
