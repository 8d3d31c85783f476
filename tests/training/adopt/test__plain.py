"""Rewriting foreign models: exactly, or not at all, with the reason."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper
from tests.training.adopt.foreign_models import CHANNELS, WINDOW, components, model, node

from tocsin.graph.lint import lint
from tocsin.training.adopt._plain import plain
from tocsin.training.adopt.refusal import RefusalError

WHOLE = np.array([-1, WINDOW * CHANNELS], np.int64)


def _ran(file: bytes, windows: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: windows})[0]
    assert isinstance(found, np.ndarray)
    return found


def _windows(n: int = 9) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, WINDOW, CHANNELS)).astype(np.float32)


@pytest.mark.parametrize("opset", [9, 11, 13, 17, 21, 22])
def test_opsets_old_and_new_give_the_same_in_ours(opset: int) -> None:
    file = model([node("Relu", ["x"], "a"), node("Softmax", ["a"], "y", axis=2)], {}, opset=opset)
    found = plain(file)
    assert lint(found.onnx) == []
    assert np.allclose(_ran(found.onnx, _windows()), _ran(file, _windows()), atol=1e-6)


def test_a_batch_fixed_at_one_window_is_freed() -> None:
    windows = _windows()
    file = components(windows, batch=1)
    found = plain(file)
    one_by_one = np.concatenate([_ran(file, window[None]) for window in windows])
    assert np.allclose(_ran(found.onnx, windows), one_by_one, atol=1e-6)
    assert found.notes == ("its batch was fixed at one window, and is free now",)
    assert found.shape == (WINDOW, CHANNELS)


def test_a_recurrent_layer_of_one_window_is_freed() -> None:
    rng = np.random.default_rng(0)
    constants = {
        "w": rng.normal(size=(1, 16, CHANNELS)).astype(np.float32),
        "r": rng.normal(size=(1, 16, 4)).astype(np.float32),
        "start": np.zeros((1, 1, 4), np.float32),
        "rows": np.array([WINDOW, 1, 4], np.int64),
    }
    nodes = [
        node("Transpose", ["x"], "t", perm=[1, 0, 2]),
        node("LSTM", ["t", "w", "r", "", "", "start", "start"], "all", hidden_size=4),
        node("Reshape", ["all", "rows"], "same"),
        node("Transpose", ["same"], "y", perm=[1, 0, 2]),
    ]
    file, windows = model(nodes, constants, shape=(1, WINDOW, CHANNELS)), _windows()
    one_by_one = np.concatenate([_ran(file, window[None]) for window in windows])
    assert np.allclose(_ran(plain(file).onnx, windows), one_by_one, atol=1e-6)


def test_dropout_and_identity_are_left_out() -> None:
    nodes = [node("Identity", ["x"], "a"), node("Dropout", ["a"], "b"), node("Relu", ["b"], "c")]
    found = plain(model([*nodes, node("Identity", ["c"], "y")], {}))
    assert [n.op_type for n in onnx.load_from_string(found.onnx).graph.node] == ["Relu", "Identity"]
    assert np.array_equal(_ran(found.onnx, _windows()), np.maximum(_windows(), 0))


@given(
    st.sampled_from(["ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceL2"]),
    st.sampled_from([(1,), (2,), (-1,), (1, 2), (-2, 2)]),
    st.booleans(),
)
@settings(max_examples=20, deadline=None)
def test_sums_become_products_with_the_same_result(kind: str, axes: tuple[int, ...], keep: bool) -> None:
    # from opset 18 on the axes are an input
    total = node(kind, ["x", "axes"], "y", keepdims=int(keep))
    file = model([total], {"axes": np.array(axes, np.int64)}, opset=18)
    found = plain(file)
    assert lint(found.onnx) == []
    mine, theirs = _ran(found.onnx, _windows()), _ran(file, _windows())
    assert mine.shape == theirs.shape
    assert np.allclose(mine, theirs, rtol=1e-5, atol=1e-6)
    assert kind in found.notes[0]


@pytest.mark.parametrize("slope", [1.0, 0.5])
def test_an_exponential_linear_unit_becomes_steady_where_it_can(slope: float) -> None:
    file = model([node("Elu", ["x"], "y", alpha=slope)], {})
    if slope != 1:
        with pytest.raises(RefusalError, match="Elu: its last place changes"):
            plain(file)
        return
    found = plain(file)
    assert lint(found.onnx) == []
    assert np.allclose(_ran(found.onnx, _windows()), _ran(file, _windows()), atol=1e-6)
    assert "Elu became" in found.notes[0]


def test_a_global_average_is_a_sum_too() -> None:
    file = model([node("GlobalAveragePool", ["x"], "y")], {})
    assert np.allclose(_ran(plain(file).onnx, _windows()), _windows().mean(axis=2, keepdims=True), atol=1e-6)


def test_what_is_called_as_we_call_things_steps_aside() -> None:
    nodes = [node("Relu", ["x"], "score"), node("Neg", ["score"], "window"), node("Abs", ["window"], "y")]
    found = plain(model(nodes, {}))
    assert np.array_equal(_ran(found.onnx, _windows()), np.maximum(_windows(), 0))


def test_one_of_several_outputs_is_taken_by_name() -> None:
    file = model([node("Relu", ["x"], "y"), node("Neg", ["x"], "z")], {}, outputs=("y", "z"))
    assert np.array_equal(_ran(plain(file, tensor="z").onnx, _windows()), -_windows())
    with pytest.raises(RefusalError, match="It has 2 outputs") as refused:
        plain(file)
    assert refused.value.remedy == "Name one with --tensor: y, z."
    with pytest.raises(RefusalError, match="no output 'q'"):
        plain(file, tensor="q")


def _branch() -> Any:
    inner = helper.make_graph([node("Identity", ["x"], "o")], "b", [], [helper.make_tensor_value_info("o", 1, None)])
    return helper.make_node("If", ["yes"], ["y"], then_branch=inner, else_branch=inner)


def _external() -> bytes:
    made = onnx.load_from_string(model([node("Add", ["x", "w"], "y")], {"w": np.ones(3, np.float32)}))
    tensor = made.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return bytes(made.SerializeToString())


def _external_in_a_function() -> bytes:
    made = onnx.load_from_string(_external())
    inside = helper.make_node("Constant", [], ["k"], value=made.graph.initializer[0])
    body, opset = [inside, helper.make_node("Add", ["a", "k"], ["b"])], helper.make_opsetid("", 21)
    made.functions.append(helper.make_function("own", "Fn", ["a"], ["b"], body, [opset]))
    del made.graph.initializer[:], made.graph.node[:]
    made.graph.node.append(helper.make_node("Fn", ["x"], ["y"], domain="own"))
    made.opset_import.append(helper.make_opsetid("own", 1))
    return bytes(made.SerializeToString())


def _two_inputs() -> bytes:
    made = onnx.load_from_string(model([node("Add", ["x", "z"], "y")], {}))
    made.graph.input.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, [1]))
    return bytes(made.SerializeToString())


def _of_its_own() -> bytes:
    made = onnx.load_from_string(model([helper.make_node("Magic", ["x"], ["y"], domain="com.acme")], {}))
    made.opset_import.append(helper.make_opsetid("com.acme", 1))
    return bytes(made.SerializeToString())


SHAKEN = [helper.make_node("RandomNormalLike", ["x"], ["r"]), node("Add", ["x", "r"], "y")]
QUANTISED = helper.make_node("DynamicQuantizeLinear", ["x"], ["q", "s", "z"])

REFUSED = {
    "nothing": (b"", "no ONNX model"),
    "text": (b"temperature,humidity\n1,2\n", "no ONNX model"),
    "chance": (model(SHAKEN, {}), "RandomNormalLike: the same window would get another score"),
    "branches": (model([_branch()], {"yes": np.bool_(True)}), "It holds If, a graph in the graph"),
    "weights elsewhere": (_external(), "weights lie in a file of their own"),
    "weights of a function elsewhere": (_external_in_a_function(), "weights lie in a file of their own"),
    "operators of its own": (_of_its_own(), "operators of its own, from 'com.acme'"),
    "several inputs": (_two_inputs(), r"It has 2 inputs \(x, z\)"),
    "whole numbers": (model([node("Abs", ["x"], "y")], {}, kind=TensorProto.INT64), "no tensor of floating-point"),
    "four axes": (model([node("Abs", ["x"], "y")], {}, shape=("n", 1, 2, 3)), "neither two nor three axes"),
    "32 at a time": (model([node("Abs", ["x"], "y")], {}, shape=(32, 2, 3)), "exactly 32 windows at a time"),
    "a mean of all": (model([node("ReduceMean", ["x"], "y")], {}), "over all windows"),
    "a mean over windows": (model([node("ReduceMean", ["x"], "y", axes=[0])], {}), "over all windows"),
    "a running sum": (
        model([node("CumSum", ["x", "a"], "y")], {"a": np.int64(1)}),
        "It holds what the project never takes: CumSum",
    ),
    "a scale of the moment": (
        model([QUANTISED, node("DequantizeLinear", ["q", "s", "z"], "y")], {}),
        "DynamicQuantizeLinear",
    ),
    "training": (
        model([node("Dropout", ["x", "r", "t"], "y")], {"r": np.float32(0.5), "t": np.bool_(True)}),
        "training mode",
    ),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_is_not_taken_is_refused_with_the_reason(case: str) -> None:
    file, reason = REFUSED[case]
    with pytest.raises(RefusalError, match=reason):
        plain(file)


def test_constants_of_all_kinds_are_found() -> None:
    tensor = numpy_helper.from_array(np.array([1, 2], np.int64))
    nodes = [
        helper.make_node("Constant", [], ["axes"], value=tensor),
        helper.make_node("Constant", [], ["two"], value_float=2.0),
        node("Mul", ["x", "two"], "twice"),
        node("ReduceSum", ["twice", "axes"], "y", keepdims=0),
    ]
    found = plain(model(nodes, {}, opset=13))
    assert np.allclose(_ran(found.onnx, _windows()), 2 * _windows().sum(axis=(1, 2)), atol=1e-5)
