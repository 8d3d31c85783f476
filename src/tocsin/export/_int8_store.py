"""Keeping weights as whole numbers in the file, and turning them back before anything is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.export._int8_layers import FEWEST, Layer, constants, is_learned, outputs_axis
from tocsin.export._int8_rounding import REACH, Rounded, rounded
from tocsin.graph._onnx import onnx_package


def store(model: Any, layers: Iterable[Layer], seen: Mapping[str, Float32Array]) -> None:
    """Keep the weights of ``layers`` in 8 bits, and each matrix of a few whole numbers that loses nothing by it.

    Each becomes Cast · Mul of constants, which ONNX Runtime works out once, while it loads the graph: from there on it
    runs as fast as before, in the same kernels. (DequantizeLinear would say the same, but is worked out anew for every
    batch.)

    Parameters
    ----------
    model
        The ``onnx.ModelProto``, which is changed.
    layers
        Whose weights to keep so.
    seen
        What layers are fed with on normal windows, by weight.
    """
    held, chosen = constants(model), {layer.weight: layer for layer in layers}
    front = []
    for name, values in held.items():
        if name in chosen:
            axis = outputs_axis(chosen[name], values)
            front += _kept(model, name, values.shape, axis, _of(values, axis, seen.get(name)))
        elif not is_learned(values) and (exact := _exactly(values)) is not None:
            front += _kept(model, name, values.shape, 0, exact)
    nodes = [*front, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _of(values: Float32Array, axis: int, seen: Float32Array | None) -> Rounded:
    """Return the weights rounded, as a matrix with a row for each result."""
    flat = np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)
    return rounded(flat, seen)


def _exactly(values: Float32Array) -> Rounded | None:
    """Return a matrix as whole numbers times one step, row by row, where that is exactly what it holds."""
    if values.ndim < 2 or values.size < FEWEST or not np.any(values):
        return None
    step = np.abs(values[values != 0]).min()
    with np.errstate(over="ignore"):
        code = np.rint(values / step)
    if np.abs(code).max() > REACH or not np.array_equal(code.astype(np.float32) * step, values):
        return None
    return Rounded(code.astype(np.int8).reshape(len(values), -1), np.asarray([step], np.float32))


def _kept(model: Any, name: str, shape: tuple[int, ...], axis: int, found: Rounded) -> list[Any]:
    """Put whole numbers in the place of a constant; return the nodes that turn them back."""
    onnx, rest = onnx_package(), [size for k, size in enumerate(shape) if k != axis]
    code = np.moveaxis(found.code.reshape(shape[axis], *rest), 0, axis)
    step = found.step.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    (old,) = (tensor for tensor in model.graph.initializer if tensor.name == name)
    old.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(code), f"{name}_code"))
    model.graph.initializer.append(onnx.numpy_helper.from_array(step, f"{name}_step"))
    node, float32 = onnx.helper.make_node, onnx.TensorProto.FLOAT
    return [
        node("Cast", [f"{name}_code"], [f"{name}_whole"], to=float32),
        node("Mul", [f"{name}_whole", f"{name}_step"], [name]),
    ]
