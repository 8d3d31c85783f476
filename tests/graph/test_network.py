from __future__ import annotations

import subprocess
import sys

import numpy as np
import onnx

from tocsin.core.contracts import Graph
from tocsin.graph.network import Network
from tocsin.graph.run import Runner
from tocsin.graph.versions import IR_VERSION, ML_OPSET, OPSET


def _largest_last(curves: dict[str, tuple[float, ...]] | None = None) -> Graph:
    network = Network(window=3, channels=2)
    last = network.op("Gather", network.input, network.integers(2), attributes={"axis": 1})
    score = network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0})
    return network.seal(score, last, curves=curves)


def test_sealed_graph_runs_as_written() -> None:
    windows = np.array([[[9, 9], [9, 9], [1, 2]], [[0, 0], [0, 0], [4, 3]]], np.float32)
    found = Runner(_largest_last().onnx)(windows)
    assert found.score.tolist() == [2, 4]
    assert found.by_channel is not None
    assert found.by_channel.tolist() == [[1, 2], [4, 3]]


def test_what_is_expected_is_told_beside_the_score() -> None:
    network = Network(window=2, channels=2)
    first, last = (network.op("Gather", network.input, network.integers(k), attributes={"axis": 1}) for k in (0, 1))
    score = network.op("ReduceMax", last, network.integers([1]), attributes={"keepdims": 0})
    runner = Runner(network.seal(score, expected=first).onnx)
    found = runner(np.array([[[1, 2], [3, 4]]], np.float32))
    assert (runner.attributes, runner.expects) == (False, True)
    assert found.by_channel is None
    assert found.expected is not None
    assert found.expected.tolist() == [[1, 2]]


def test_what_leads_to_no_output_is_left_out() -> None:
    network = Network(window=1, channels=1)
    network.op("Mul", network.input, network.constant(2))
    model = onnx.load_from_string(network.seal(network.op("Reshape", network.input, network.integers([-1]))).onnx)
    assert [node.op_type for node in model.graph.node] == ["Reshape"]
    assert len(model.graph.initializer) == 1


def test_same_network_has_same_bytes() -> None:
    assert _largest_last().onnx == _largest_last().onnx


def test_versions_are_pinned() -> None:
    model = onnx.load_from_string(_largest_last().onnx)
    assert {entry.domain: entry.version for entry in model.opset_import} == {"": OPSET, "ai.onnx.ml": ML_OPSET}
    assert model.ir_version == IR_VERSION
    onnx.checker.check_model(model, full_check=True)


def test_curves_are_remembered() -> None:
    assert _largest_last({"training_loss": (2.0, 1.0)}).curves == {"training_loss": (2.0, 1.0)}


def test_missing_onnx_names_the_extra() -> None:
    script = """
import sys
sys.modules["onnx"] = None
from tocsin.core.errors import MissingExtraError
from tocsin.graph.network import Network
try:
    Network(window=1, channels=1)
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[train]"' in done.stdout
