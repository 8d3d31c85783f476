"""Sums over axes as products with a constant vector: the same number, whose last place no company changes."""

from __future__ import annotations

from collections.abc import Collection
from math import prod
from typing import Any

import numpy as np

from tocsin.graph import onnx_package
from tocsin.training.adopt.refusal import RefusalError

SUMS = ("ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL1", "ReduceL2", "GlobalAveragePool")
"""What is rewritten."""


class Sums:
    """Rewrites the sums of a graph, one after the other.

    Parameters
    ----------
    graph
        An ``onnx.GraphProto`` whose Constant nodes have become constants; it is changed.
    shapes
        The length of each axis by tensor, None where it is not fixed.
    doubles
        Tensors in double precision.
    """

    def __init__(self, graph: Any, shapes: dict[str, list[int | None]], *, doubles: Collection[str] = ()) -> None:
        self._graph, self._shapes, self._doubles = graph, shapes, doubles
        self._onnx = onnx_package()
        self._constants = {c.name: self._onnx.numpy_helper.to_array(c) for c in graph.initializer}
        self._made: list[Any] = []
        self.rewritten: list[str] = []
        """Operators that have been rewritten."""

    def rewrite(self) -> None:
        """Rewrite all."""
        nodes = list(self._graph.node)
        del self._graph.node[:]
        for node in nodes:
            self._made = []
            if node.op_type in SUMS:
                self._rewrite(node)
                self.rewritten.append(node.op_type)
            else:
                self._made.append(node)
            self._graph.node.extend(self._made)

    def _rewrite(self, node: Any) -> None:
        lengths = self._lengths(node)
        axes, keep = self._axes(node, len(lengths)), self._keeps(node)
        rest = [axis for axis in range(1, len(lengths)) if axis not in axes]
        total = prod(lengths[axis] for axis in axes)
        given = node.input[0]
        if node.op_type in ("ReduceSumSquare", "ReduceL2"):
            given = self._op(node, "Mul", given, given)
        elif node.op_type == "ReduceL1":
            given = self._op(node, "Abs", given)
        turned = (
            self._op(node, "Transpose", given, perm=[0, *rest, *axes]) if rest + axes != sorted(axes + rest) else given
        )
        flat = self._op(node, "Reshape", turned, self._whole(node, [-1, total]))
        mean = node.op_type in ("ReduceMean", "GlobalAveragePool")
        width = np.float64 if node.input[0] in self._doubles else np.float32
        weights = np.full((total, 1), 1 / total if mean else 1.0, width)
        product = self._op(node, "MatMul", flat, self._constant(node, weights))
        if node.op_type == "ReduceL2":
            product = self._op(node, "Sqrt", product)
        kept = [1 if axis in axes else lengths[axis] for axis in range(1, len(lengths)) if keep or axis not in axes]
        shape = self._whole(node, [-1, *kept])
        self._made.append(self._onnx.helper.make_node("Reshape", [product, shape], [node.output[0]]))

    def _lengths(self, node: Any) -> list[int]:
        found = self._shapes.get(node.input[0])
        if found is None or any(length is None for length in found[1:]):
            raise RefusalError(f"It holds {node.op_type} over something whose shape is not fixed.")
        return [0, *(int(length) for length in found[1:] if length is not None)]

    def _axes(self, node: Any, rank: int) -> list[int]:
        """Return the axes that are summed over, none of which may be that of the windows."""
        if node.op_type == "GlobalAveragePool":
            return list(range(2, rank))
        told = list(self._constants.get(node.input[1], [])) if len(node.input) > 1 and node.input[1] else []
        axes = sorted(int(axis) % rank for axis in told)
        if not axes or 0 in axes:
            raise RefusalError(f"It holds {node.op_type} over all windows: one would move the scores of the others.")
        return axes

    def _keeps(self, node: Any) -> bool:
        told = [attribute.i for attribute in node.attribute if attribute.name == "keepdims"]
        return node.op_type == "GlobalAveragePool" or bool(told[0] if told else 1)

    def _op(self, node: Any, kind: str, *inputs: str, perm: list[int] | None = None) -> str:
        name = f"{node.output[0]}/{kind}_{len(self._made)}"
        settings = {} if perm is None else {"perm": perm}
        self._made.append(self._onnx.helper.make_node(kind, list(inputs), [name], **settings))
        return name

    def _whole(self, node: Any, values: list[int]) -> str:
        return self._constant(node, np.array(values, np.int64))

    def _constant(self, node: Any, value: np.ndarray) -> str:
        name = f"{node.output[0]}/constant_{len(self._graph.initializer)}"
        self._graph.initializer.append(self._onnx.numpy_helper.from_array(value, name))
        return name
