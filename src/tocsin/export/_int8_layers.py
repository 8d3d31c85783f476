"""Finding in a graph what was learned, by its structure: that may be rounded, the score's own arithmetic may not."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.graph import onnx_package

FEWEST = 64
"""Numbers below which a matrix is left alone: what tells how it was rounded would be as large as what is saved."""

_PLAIN = 16
"""A matrix of at most so many different numbers repeats, chooses or sums up; nothing in it was learned."""

_PRODUCTS = ("MatMul", "Gemm", "Conv")
_RECURRENT = ("LSTM", "GRU")
_BANKS = ("Gather", "Transpose")
_TAKERS = (*_PRODUCTS, *_RECURRENT, *_BANKS)
"""Operators that multiply by a matrix or choose from one; what is added or subtracted is part of the score."""


@dataclass(frozen=True)
class Layer:
    """A matrix of learned weights, and who takes it.

    Parameters
    ----------
    weight
        Name of the constant.
    node
        Name of the node that takes it; the first of several.
    kind
        That node's operator, such as "Conv".
    place
        Which of the node's inputs it is.
    values
        How many numbers it holds.
    integer
        Can ONNX Runtime multiply it in whole numbers with a scale that was fixed beforehand?
    """

    weight: str
    node: str
    kind: str
    place: int
    values: int
    integer: bool

    @property
    def words(self) -> str:
        """What it is, for people, such as "Conv of 5,120 weights"."""
        return f"{self.kind} of {self.values:,} weights"


def layers(model: Any) -> tuple[Layer, ...]:
    """Return the learned matrices of an ``onnx.ModelProto`` whose nodes have names, in the order in which they run.

    The scaling in front and the score behind work element by element, or sum and choose by matrices of few different
    numbers, whatever the detector; a network's weights are all different. So a detector's name need not be known.
    """
    matrices = {name: values for name, values in constants(model).items() if is_learned(values)}
    taken = Counter(name for node in model.graph.node for name in node.input)
    found: dict[str, Layer] = {}
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            if name not in matrices or name in found or node.op_type not in _TAKERS:
                continue
            alone = taken[name] == 1 and matrices[name].ndim == (3 if node.op_type == "Conv" else 2)
            integer = node.op_type in _PRODUCTS and place == 1 and alone and not _is_turned(node)
            found[name] = Layer(name, node.name, node.op_type, place, matrices[name].size, integer)
    return tuple(found.values())


def constants(model: Any) -> dict[str, Float32Array]:
    """Return the float32 constants of a model by name."""
    float32, turn = onnx_package().TensorProto.FLOAT, onnx_package().numpy_helper.to_array
    return {tensor.name: turn(tensor) for tensor in model.graph.initializer if tensor.data_type == float32}


def is_learned(values: Float32Array) -> bool:
    """Tell whether a constant is a matrix that training filled."""
    return np.squeeze(values).ndim > 1 and values.size >= FEWEST and len(np.unique(values)) > _PLAIN


def outputs_axis(layer: Layer, values: Float32Array) -> int:
    """Return the axis of a layer's matrix along which its results lie: each of them is rounded in steps of its own."""
    if layer.kind in _RECURRENT:
        return 1
    if layer.kind in ("MatMul", "Gemm") and layer.place == 1:
        return values.ndim - 1
    return 0


def _is_turned(node: Any) -> bool:
    """Tell whether a Gemm does more than to multiply and add: transposes, or multiplies by a number."""
    return any(a.name in ("transA", "transB", "alpha", "beta") for a in node.attribute)
