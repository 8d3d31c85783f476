"""What may be rounded is told by structure: what was learned, and not the score's own arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from tocsin.artifact.artifact import Artifact
from tocsin.export._int8_layers import layers
from tocsin.export._int8_seen import seen
from tocsin.graph.network import Network


def named(graph: bytes) -> Any:
    model = onnx.load_from_string(graph)
    for place, node in enumerate(model.graph.node):
        node.name = f"node_{place}"
    return model


def test_every_layer_of_a_network_is_found_and_nothing_of_the_score(small: dict[str, Artifact]) -> None:
    found = {name: [(layer.kind, layer.integer) for layer in layers(named(small[name].graph))] for name in small}
    assert found["autoencoder"] == [("MatMul", True)] * 4
    assert found["cnn_autoencoder"] == [("Conv", True)] * 5
    assert found["lstm_autoencoder"] == [("LSTM", False)] * 8 + [("MatMul", True)]


def test_tables_that_a_score_is_read_off_are_left_alone() -> None:
    """An ensemble compares scores by tables of many numbers, element by element; no layer multiplies by them."""
    network = Network(window=1, channels=2)
    table = np.arange(200, dtype=np.float32).reshape(100, 2)
    rows = network.op("Reshape", network.op("Sub", network.input, network.constant(table)), network.integers([-1, 200]))
    total = network.op("MatMul", rows, network.constant(np.ones((200, 1))))
    assert layers(named(network.seal(network.op("Reshape", total, network.integers([-1]))).onnx)) == ()


def test_all_learned_weights_but_biases_are_counted(small: dict[str, Artifact]) -> None:
    model = named(small["autoencoder"].graph)
    assert sum(layer.values for layer in layers(model)) == 2 * (50 * 16 + 16 * 8)


@pytest.mark.parametrize("name", ["autoencoder", "cnn_autoencoder", "lstm_autoencoder"])
def test_what_layers_are_fed_with_is_what_they_multiply(small: dict[str, Artifact], name: str) -> None:
    """The layer's result, from its weights and what it was seen to be fed with, is what the graph has there."""
    model = named(small[name].graph)
    found = [layer for layer in layers(model) if layer.kind != "LSTM"]
    fed = seen(model, found, small[name].sample[:3])
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for layer in found:
        rows, weight = fed[layer.weight], held[layer.weight]
        inputs = weight.shape[0] if layer.kind == "MatMul" else weight[0].size
        assert rows.shape[1] == inputs
        flat = weight if layer.kind == "MatMul" else weight.reshape(len(weight), -1).T
        expected = _inside(model, layer.node, small[name].sample[:3])
        bias = 0 if layer.kind == "MatMul" else held[_node(model, layer.node).input[2]]
        assert np.allclose(np.sort((rows @ flat + bias).ravel()), np.sort(expected.ravel()), atol=1e-4)


def test_a_recurrence_is_fed_with_what_the_step_before_handed_on(small: dict[str, Artifact]) -> None:
    model = named(small["lstm_autoencoder"].graph)
    first = [layer for layer in layers(model) if layer.kind == "LSTM"][:2]
    fed = seen(model, first, small["lstm_autoencoder"].sample[:1])
    taken, handed = (fed[layer.weight] for layer in first)
    steps = _inside(model, first[0].node, small["lstm_autoencoder"].sample[:1])
    assert taken.shape == (10, 5)
    assert not handed[0].any()
    assert np.allclose(handed[1:], steps[:-1, 0, 0], atol=1e-6)


def _node(model: Any, name: str) -> Any:
    return next(node for node in model.graph.node if node.name == name)


def _inside(model: Any, name: str, windows: np.ndarray) -> np.ndarray:
    """Return what a node yields, by the reference implementation of the ONNX project."""
    from onnx.reference import ReferenceEvaluator

    opened = type(model)()
    opened.CopyFrom(model)
    output = _node(model, name).output[0]
    opened.graph.output.append(onnx.helper.make_tensor_value_info(output, onnx.TensorProto.FLOAT, None))
    evaluator: Any = ReferenceEvaluator(opened)
    return np.asarray(evaluator.run([output], {"window": windows})[0])
