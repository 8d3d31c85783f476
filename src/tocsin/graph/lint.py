"""Finding in a graph what would make a window's score depend on its company, or on chance."""

from __future__ import annotations

from typing import Any

from tocsin.graph._onnx import parse
from tocsin.graph.versions import ML_OPSET, OPSET

_SUMS = {
    "ReduceSum",
    "ReduceMean",
    "ReduceL1",
    "ReduceL2",
    "ReduceLogSum",
    "ReduceLogSumExp",
    "ReduceSumSquare",
    "ReduceProd",
    "GlobalAveragePool",
    "CumSum",
}
_UNSTEADY = {"Elu", "Selu", "Celu", "Softplus", "Mish", "Log", "Sin", "Cos", "Acos", "Atan"}
"""As seen with ONNX Runtime 1.31: the last few numbers of a tensor go through another function than the others."""
_RANDOM = {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"}
_FORBIDDEN = {
    **dict.fromkeys(_SUMS, "its last place changes with the batch; multiply by a constant vector instead"),
    **dict.fromkeys(_UNSTEADY, "its last place changes with the batch; write it as tocsin.graph.elu does"),
    **dict.fromkeys(_RANDOM, "the same window would get another score the next time"),
    "DynamicQuantizeLinear": "its scale comes from the batch: one wild window moves the others",
    "DynamicQuantizeMatMul": "its scale comes from the batch: one wild window moves the others",
    "DynamicQuantizeLSTM": "its scale comes from the batch: one wild window moves the others",
}
_SCALES = {
    "QuantizeLinear": (1, 2),
    "DequantizeLinear": (1, 2),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "MatMulInteger": (2, 3),
    "ConvInteger": (2, 3),
}
"""Which inputs of an operator on whole numbers say what those stand for: they must not come from the windows."""
_PINNED = {"": OPSET, "ai.onnx.ml": ML_OPSET}


def lint(onnx: bytes) -> list[str]:
    """Return one sentence for each thing in a graph that the project forbids; none for a good graph.

    Parameters
    ----------
    onnx
        The serialised graph.

    Examples
    --------
    >>> from tocsin.graph.network import Network
    >>> network = Network(window=1, channels=3)
    >>> rows = network.op("ReduceSum", network.input, network.integers([1, 2]), attributes={"keepdims": 0})
    >>> lint(network.seal(rows).onnx)
    ['ReduceSum: its last place changes with the batch; multiply by a constant vector instead']
    """
    model = parse(onnx)
    return [*_versions(model), *_operators(model.graph), *_scales(model.graph)]


def _versions(model: Any) -> list[str]:
    return [
        f"opset {entry.version} of {entry.domain or 'ai.onnx'}: the project's is {_PINNED.get(entry.domain, 'none')}"
        for entry in model.opset_import
        if _PINNED.get(entry.domain) != entry.version
    ]


def _operators(graph: Any) -> list[str]:
    found = []
    for node in graph.node:
        if node.op_type in _FORBIDDEN:
            found.append(f"{node.op_type}: {_FORBIDDEN[node.op_type]}")
        for attribute in node.attribute:
            if attribute.name == "training_mode" and attribute.i:
                found.append(f"{node.op_type} in training mode: its result depends on the batch or on chance")
            for inner in [attribute.g, *attribute.graphs]:
                found.extend(_operators(inner))
    return found


def _scales(graph: Any) -> list[str]:
    """Return a sentence for each operator whose scale or zero point is no constant of the graph."""
    held = {tensor.name for tensor in graph.initializer} | {""}
    return [
        f"{node.op_type}: its scale is calculated, from the windows perhaps; it must be a constant"
        for node in graph.node
        if any(node.input[place] not in held for place in _SCALES.get(node.op_type, ()) if place < len(node.input))
    ]
