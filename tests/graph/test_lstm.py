from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.graph.lstm import LSTMWeights, lstm
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

UNITS = 3


def _sigmoid(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-x)))


def _by_the_book(windows: Float32Array, weights: LSTMWeights) -> npt.NDArray[np.float64]:
    hidden = cell = np.zeros((len(windows), UNITS))
    for step in range(windows.shape[1]):
        gates = windows[:, step] @ weights.kernel.T + hidden @ weights.recurrent.T + weights.bias
        enter, forget, candidate, leave = np.split(gates.astype(np.float64), 4, axis=1)
        cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(candidate)
        hidden = _sigmoid(leave) * np.tanh(cell)
    return hidden


def test_layer_equals_the_textbook_equations() -> None:
    rng = np.random.default_rng(0)
    shapes = [(4 * UNITS, UNITS), (4 * UNITS, UNITS), (4 * UNITS,)]
    weights = LSTMWeights(*(rng.standard_normal(shape).astype(np.float32) for shape in shapes))
    windows = rng.standard_normal((6, 4, UNITS)).astype(np.float32)
    network = Network(window=4, channels=UNITS)
    steps = network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]})
    hidden = lstm(network, steps, weights)
    last = network.op("Squeeze", hidden.last, network.integers([0]))
    score = network.op("Gather", last, network.integers(0), attributes={"axis": 1})
    found = Runner(network.seal(score, last).onnx)(windows)
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, _by_the_book(windows, weights), atol=2e-6)


def test_last_is_the_last_of_steps() -> None:
    weights = LSTMWeights(*(np.full(shape, 0.1, np.float32) for shape in ((8, 1), (8, 2), (8,))))
    network = Network(window=5, channels=1)
    hidden = lstm(network, network.op("Transpose", network.input, attributes={"perm": [1, 0, 2]}), weights)
    final = network.op("Gather", hidden.steps, network.integers([4]), attributes={"axis": 0})
    distance = network.op("Abs", network.op("Sub", final, hidden.last))
    score = network.op("ReduceMax", distance, network.integers([0, 2]), attributes={"keepdims": 0})
    assert Runner(network.seal(score).onnx)(np.ones((3, 5, 1), np.float32)).score.tolist() == [0, 0, 0]
