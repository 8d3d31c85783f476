"""Weights of any layer as a matrix with a row for each result, and constants of a graph put in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.graph import onnx_package


def rows_of(values: Float32Array, axis: int) -> Float32Array:
    """Return ``values`` with a row for each place along ``axis``, the other axes behind one another.

    >>> rows_of(np.arange(4, dtype=np.float32).reshape(2, 2), 1).tolist()
    [[0.0, 2.0], [1.0, 3.0]]
    """
    return np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)


def laid_out(rows: npt.NDArray[Any], shape: tuple[int, ...], axis: int) -> npt.NDArray[Any]:
    """Return rows as the array of that shape of which :func:`rows_of` made them."""
    rest = [size for place, size in enumerate(shape) if place != axis]
    return np.moveaxis(rows.reshape(shape[axis], *rest), 0, axis)


def add_constants(model: Any, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Add constants to an ``onnx.ModelProto``, by name."""
    turn = onnx_package().numpy_helper.from_array
    model.graph.initializer.extend([turn(np.asarray(array, order="C"), name) for name, array in arrays.items()])


def replace_constant(model: Any, name: str, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Put other constants in the place of one."""
    place = next(k for k, tensor in enumerate(model.graph.initializer) if tensor.name == name)
    del model.graph.initializer[place]
    add_constants(model, arrays)


def replace_nodes(model: Any, nodes: list[Any]) -> None:
    """Let a model consist of ``nodes``, some of which may be its own."""
    copies = [type(node)() for node in nodes]
    for copy, node in zip(copies, nodes, strict=True):
        copy.CopyFrom(node)
    del model.graph.node[:]
    model.graph.node.extend(copies)
