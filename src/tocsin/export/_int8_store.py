"""Keeping weights as whole numbers in the file, and turning them back before anything is counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.export._int8_layers import FEWEST, Layer, constants, is_learned, outputs_axis
from tocsin.export._int8_matrix import laid_out, replace_constant, replace_nodes, rows_of
from tocsin.export._int8_rounding import REACH, Rounded, rounded
from tocsin.graph import onnx_package


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
            found = rounded(rows_of(values, axis), seen.get(name))
            front += _kept(model, name, values.shape, axis, found)
        elif not is_learned(values) and (exact := _exactly(values)) is not None:
            front += _kept(model, name, values.shape, 0, exact)
        elif _ends_empty(values):
            front += _without_end(model, name, values)
    replace_nodes(model, [*front, *model.graph.node])


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
    code = laid_out(found.code, shape, axis)
    step = found.step.reshape([-1 if k == axis else 1 for k in range(len(shape))])
    replace_constant(
        model, name, {f"{name}_code": code, f"{name}_step": step.astype(np.float16) if found.half else step}
    )
    node, float32 = onnx_package().helper.make_node, onnx_package().TensorProto.FLOAT
    cast = [("code", "whole"), ("step", "steps")] if found.half else [("code", "whole")]
    front = [node("Cast", [f"{name}_{a}"], [f"{name}_{b}"], to=float32) for a, b in cast]
    return [*front, node("Mul", [f"{name}_whole", f"{name}_{'steps' if found.half else 'step'}"], [name])]


def _without_end(model: Any, name: str, values: Float32Array) -> list[Any]:
    """Cut off the noughts that a constant ends in, as an LSTM's second bias is; return the node that adds them."""
    used = int(np.nonzero(values)[-1].max()) + 1
    missing = np.zeros((2, values.ndim), np.int64)
    missing[1, -1] = values.shape[-1] - used
    replace_constant(model, name, {f"{name}_start": values[..., :used], f"{name}_missing": missing.ravel()})
    return [onnx_package().helper.make_node("Pad", [f"{name}_start", f"{name}_missing"], [name])]


def _ends_empty(values: Float32Array) -> bool:
    """Tell whether the second half along the last axis holds nothing but noughts, and the first does not."""
    long = values.ndim > 0 and values.size >= FEWEST
    return long and bool(values.any()) and not values[..., values.shape[-1] // 2 :].any()
