from __future__ import annotations

import onnx
import pytest
from onnx import helper

from tocsin.graph.lint import lint
from tocsin.graph.network import Network


def _with(kind: str, **attributes: object) -> bytes:
    network = Network(window=2, channels=1)
    made = network.op(kind, network.input, attributes=attributes)
    return network.seal(network.op("Reshape", made, network.integers([-1]))).onnx


@pytest.mark.parametrize("kind", ["ReduceSum", "ReduceMean", "RandomNormalLike", "DynamicQuantizeLinear", "Elu"])
def test_forbidden_operator_is_named(kind: str) -> None:
    [found] = lint(_with(kind))
    assert found.startswith(f"{kind}: ")


@pytest.mark.parametrize("kind", ["BatchNormalization", "Dropout"])
def test_training_mode_is_named(kind: str) -> None:
    [found] = lint(_with(kind, training_mode=1))
    assert found.startswith(f"{kind} in training mode")
    assert lint(_with(kind, training_mode=0)) == []


def test_operator_inside_a_branch_is_found() -> None:
    inner = helper.make_graph([helper.make_node("ReduceSum", ["window"], ["s"])], "inner", [], [])
    assert len(lint(_with("If", then_branch=inner, else_branch=inner))) == 2


def test_other_versions_are_named() -> None:
    model = onnx.load_from_string(_with("Abs"))
    model.opset_import[0].version = 13
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    assert lint(model.SerializeToString()) == [
        "opset 13 of ai.onnx: the project's is 21",
        "opset 1 of com.microsoft: the project's is none",
    ]


@pytest.mark.parametrize("fixed", [True, False])
def test_a_scale_that_is_calculated_is_named(fixed: bool) -> None:
    network = Network(window=2, channels=1)
    scale = network.constant(0.1) if fixed else network.op("ReduceMax", network.input, attributes={"keepdims": 0})
    whole = network.op("QuantizeLinear", network.input, scale)
    back = network.op("DequantizeLinear", whole, network.constant(0.1))
    found = lint(network.seal(network.op("Reshape", back, network.integers([-1]))).onnx)
    calculated = ["QuantizeLinear: its scale is calculated, from the windows perhaps; it must be a constant"]
    assert found == ([] if fixed else calculated)
