"""What a graph's layers are fed with on normal windows: weights are rounded so that they answer that as before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.export._int8_layers import Layer
from tocsin.graph import onnx_package
from tocsin.graph.signature import INPUT

MOST = 4096
"""Rows that a layer is judged by, spread over all that were seen: a thousand say nearly as much as a million."""


def seen(model: Any, layers: Iterable[Layer], windows: Float32Array) -> dict[str, Float32Array]:
    """Return for each weight what it is multiplied with, ndarray of shape (m, inputs), float32.

    Weights of which that cannot be told are left out.

    Parameters
    ----------
    model
        The ``onnx.ModelProto``; its nodes have names.
    layers
        The weights to look for.
    windows
        ndarray of shape (n, window, channels), float32: normal windows.
    """
    nodes = {node.name: node for node in model.graph.node}
    told = [layer for layer in layers if layer.place in (1, 2) and _is_told(nodes[layer.node])]
    if not told:
        return {}
    wanted = {name for layer in told for name in (nodes[layer.node].input[0], nodes[layer.node].output[0])}
    tensors = _tensors(model, wanted, windows)
    return {layer.weight: _spread(_ROWS[layer.kind](nodes[layer.node], layer, tensors)) for layer in told}


def _is_told(node: Any) -> bool:
    """Tell whether what a node's weights are multiplied with can be read off: foreign graphs hold other ones too."""
    told = {attribute.name: attribute for attribute in node.attribute}
    if node.op_type in ("LSTM", "GRU"):
        # steps from the last to the first, or both ways, are fed with something else than the step before
        return bool(node.output[0]) and not {"direction", "layout"} & told.keys()
    if node.op_type != "Conv":
        return node.op_type in _ROWS
    plain = "auto_pad" not in told and ("group" not in told or told["group"].i == 1)
    return plain and "kernel_shape" in told and len(told["kernel_shape"].ints) == 1


def _tensors(model: Any, names: Iterable[str], windows: Float32Array) -> dict[str, Float32Array]:
    """Run a graph and return what lies inside it, by name."""
    # the runner keeps to the graph's own outputs; this looks behind them, once, before anything is scored
    import onnxruntime

    helper = onnx_package().helper
    opened = type(model)()
    opened.CopyFrom(model)
    inside = sorted(set(names) - {INPUT, *(output.name for output in model.graph.output)})
    opened.graph.output.extend([helper.make_empty_tensor_value_info(name) for name in inside])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(opened.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = session.run(inside, {INPUT: np.ascontiguousarray(windows, np.float32)})
    return {INPUT: windows, **dict(zip(inside, found, strict=True))}


def _of_product(node: Any, _: Layer, tensors: Mapping[str, Float32Array]) -> Float32Array:
    taken = tensors[node.input[0]]
    return taken.reshape(-1, taken.shape[-1])


def _of_convolution(node: Any, _: Layer, tensors: Mapping[str, Float32Array]) -> Float32Array:
    """Return a row for each place of the kernel, as its weights lie: (in, kernel)."""
    told = {a.name: list(a.ints) for a in node.attribute if a.ints}
    (kernel,), (stride,), (dilation,) = told["kernel_shape"], told.get("strides", [1]), told.get("dilations", [1])
    wide = np.pad(tensors[node.input[0]], ((0, 0), (0, 0), tuple(told.get("pads", [0, 0]))))
    reach = (kernel - 1) * dilation + 1
    places = np.lib.stride_tricks.sliding_window_view(wide, reach, axis=2)[:, :, ::stride, ::dilation]
    return places.transpose(0, 2, 1, 3).reshape(-1, places.shape[1] * kernel)


def _of_recurrence(node: Any, layer: Layer, tensors: Mapping[str, Float32Array]) -> Float32Array:
    """Return the inputs of every step, or what the step before handed on, nought in front of the first."""
    if layer.place == 1:
        return _of_product(node, layer, tensors)
    handed = tensors[node.output[0]][:, 0]
    before = np.concatenate([np.zeros_like(handed[:1]), handed[:-1]])
    return before.reshape(-1, before.shape[-1])


_ROWS = {
    "MatMul": _of_product,
    "Gemm": _of_product,
    "Conv": _of_convolution,
    "LSTM": _of_recurrence,
    "GRU": _of_recurrence,
}


def _spread(rows: Float32Array) -> Float32Array:
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST)).astype(np.int64)]
