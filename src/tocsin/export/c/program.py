"""A graph as a program for one window: all shapes known, constants worked out, nothing in it that no result is made of.

A microcontroller scores one window at a time. With n = 1 every shape of a graph is known before anything runs, which is
what lets the rest of this room write plain loops and lay out memory ahead of time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tocsin.core.errors import SettingError
from tocsin.graph import onnx_package, parse
from tocsin.graph.prune import needed

Shape = tuple[int, ...]
Constants = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, eq=False)
class Node:
    """An operator with one result.

    Parameters
    ----------
    kind
        Name of the operator, as ONNX has it; of this room's own are "MatMul8", "Conv8" and "Quantise".
    inputs
        Names of what it takes; "" for one left out.
    output
        Name of its result.
    attributes
        Its attributes, as Python values.
    """

    kind: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Program:
    """Operators in order, for one window.

    Parameters
    ----------
    nodes
        The operators, each behind those whose results it takes.
    shapes
        Shape of everything that has a name, constants included.
    constants
        What is known ahead of time.
    outputs
        What the program is to tell.
    """

    nodes: tuple[Node, ...]
    shapes: Mapping[str, Shape]
    constants: Constants
    outputs: tuple[str, ...]

    def size(self, name: str) -> int:
        """Return how many values a name stands for."""
        return prod(self.shapes[name])

    def stripped(self, name: str) -> Shape:
        """Return a shape without its axes of length 1."""
        return tuple(length for length in self.shapes[name] if length != 1)

    def rewritten(self, nodes: Sequence[Node], *, shapes: Mapping[str, Shape], constants: Constants) -> Program:
        """Return the program with other nodes, and with more shapes and constants."""
        return replace(
            self, nodes=tuple(nodes), shapes={**self.shapes, **shapes}, constants={**self.constants, **constants}
        )


def read(onnx: bytes, *, outputs: Sequence[str]) -> Program:
    """Return the program of a graph that takes windows.

    Parameters
    ----------
    onnx
        The serialised graph.
    outputs
        Which of its results are wanted; those that it has not are left out.

    Raises
    ------
    SettingError
        If a shape cannot be known ahead of time.
    """
    model = _for_one(parse(onnx))
    told = tuple(output.name for output in model.graph.output if output.name in outputs)
    kept, _ = needed(list(model.graph.node), list(told))
    constants = {tensor.name: onnx_package().numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = _folded([_node(proto) for proto in kept], kept, constants)
    shapes = _shapes(model)
    nodes = [part for node in nodes for part in _plain(node, constants, shapes)]
    shapes |= {name: tuple(array.shape) for name, array in constants.items()}
    for node in nodes:
        if node.output not in shapes or 0 in shapes[node.output]:
            raise _unknown(node)
    return Program(tuple(nodes), shapes, constants, told)


def _for_one(model: Any) -> Any:
    """Return the model for one window at a time, with the shapes of everything in it."""
    onnx_package()
    from onnx import shape_inference

    for end in [*model.graph.input, *model.graph.output]:
        end.type.tensor_type.shape.dim[0].dim_value = 1
    try:
        return shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
    except shape_inference.InferenceError as error:
        raise SettingError(
            f"The shapes in this graph cannot be known ahead of time ({str(error).splitlines()[0]}).",
            remedy="Export it as onnx instead.",
        ) from error


def _shapes(model: Any) -> dict[str, Shape]:
    found: dict[str, Shape] = {}
    for info in [*model.graph.input, *model.graph.value_info, *model.graph.output]:
        lengths = info.type.tensor_type.shape.dim
        if all(length.HasField("dim_value") for length in lengths):
            found[info.name] = tuple(length.dim_value for length in lengths)
    return found


def _node(proto: Any) -> Node:
    if len(proto.output) != 1:
        raise uncovered(proto.op_type)
    value = onnx_package().helper.get_attribute_value
    attributes = {attribute.name: value(attribute) for attribute in proto.attribute}
    return Node(proto.op_type, tuple(proto.input), proto.output[0], attributes)


def _folded(nodes: Sequence[Node], protos: Sequence[Any], constants: dict[str, npt.NDArray[Any]]) -> list[Node]:
    """Return the nodes that depend on the window, and add what the others yield to the constants."""
    left: list[Node] = []
    for node, proto in zip(nodes, protos, strict=True):
        given = {name: constants[name] for name in node.inputs if name in constants}
        if len(given) == len({name for name in node.inputs if name}):
            from onnx.reference import ReferenceEvaluator

            constants[node.output] = np.asarray(cast(list[Any], ReferenceEvaluator(proto).run(None, given))[0])
        else:
            left.append(node)
    return left


def _plain(node: Node, constants: dict[str, npt.NDArray[Any]], shapes: dict[str, Shape]) -> list[Node]:
    """Return a node as simpler ones where there are any: Gemm as a product and a sum."""
    if node.kind != "Gemm":
        return [node]
    given: dict[str, Any] = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0, **node.attributes}
    weight = constants.get(node.inputs[1])
    if given["transA"] or weight is None:
        raise _unknown(node)
    matrix, product = f"{node.output}/weight", f"{node.output}/product"
    constants[matrix] = (weight.T if given["transB"] else weight) * np.float32(given["alpha"])
    if len(node.inputs) < 3:
        return [Node("MatMul", (node.inputs[0], matrix), node.output, {})]
    bias = f"{node.output}/bias"
    constants[bias] = constants[node.inputs[2]] * np.float32(given["beta"])
    shapes[product] = shapes[node.output]
    return [
        Node("MatMul", (node.inputs[0], matrix), product, {}),
        Node("Add", (product, bias), node.output, {}),
    ]


def uncovered(what: str) -> SettingError:
    """Return the error that says what C cannot be written for, and what to do."""
    return SettingError(
        f"There is no C for a graph with {what}.",
        remedy="Train one of autoencoder, cnn_autoencoder, kmeans, pca, limits, ewma or rolling_zscore with "
        "`tocsin fit --detector`, or export it as onnx.",
    )


def _unknown(node: Node) -> SettingError:
    return SettingError(
        f"This graph holds {node.kind!r} in a form whose size is not known ahead of time.",
        remedy="Export it as onnx instead.",
    )
