"""Counting what a graph has to calculate for one window, from the shapes in it and not from a clock."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from tocsin.core.errors import ArtifactError
from tocsin.graph import parse

Shape = tuple[int, ...]
Shapes = Callable[[str], Shape]


def flop(onnx: bytes) -> int:
    """Count the floating-point operations for one window; a reading brings one window, so it is also that per reading.

    Counted are the products, two operations for each multiplication with its addition, as it is usual with networks:
    dense, convolutional and recurrent layers and any other product of matrices; of trees, a comparison for each level
    of the deepest path, and an addition a tree. What is done element by element, such as activations and scaling, is
    left out. A product of whole numbers (int8) counts as much as one of floats.

    Parameters
    ----------
    onnx
        The serialised graph.

    Raises
    ------
    ArtifactError
        If a shape cannot be told from the graph.

    Examples
    --------
    >>> from tocsin.graph.network import Network
    >>> network = Network(window=1, channels=3)
    >>> row = network.op("Reshape", network.input, network.integers([-1, 3]))
    >>> total = network.op("MatMul", row, network.constant([[1], [2], [3]]))
    >>> flop(network.seal(network.op("Reshape", total, network.integers([-1]))).onnx)
    6
    """
    model = _inferred(onnx)
    shapes = _shapes(model)
    return sum(_COUNTED[node.op_type](node, shapes) for node in model.graph.node if node.op_type in _COUNTED)


def _inferred(onnx: bytes) -> Any:
    """Return the graph for one window, with the shape of whatever it calculates on the way."""
    model = parse(onnx)
    from onnx.shape_inference import infer_shapes

    for end in (*model.graph.input, *model.graph.output):
        shape = end.type.tensor_type.shape
        if len(shape.dim):
            shape.dim[0].dim_value = 1
    return infer_shapes(model, data_prop=True)


def _shapes(model: Any) -> Shapes:
    body = model.graph
    known = {tensor.name: tuple(tensor.dims) for tensor in body.initializer}
    for end in (*body.input, *body.output, *body.value_info):
        known[end.name] = tuple(dim.dim_value for dim in end.type.tensor_type.shape.dim)

    def shape(name: str) -> Shape:
        found = known.get(name)
        if found is None or 0 in found:
            raise ArtifactError(
                f"How large {name!r} is cannot be told from the graph.", remedy="Train it again with: tocsin fit"
            )
        return found

    return shape


def _matmul(node: Any, shapes: Shapes) -> int:
    return 2 * prod(shapes(node.output[0])) * shapes(node.input[0])[-1]


def _gemm(node: Any, shapes: Shapes) -> int:
    turned = any(a.name == "transA" and a.i for a in node.attribute)
    return 2 * prod(shapes(node.output[0])) * shapes(node.input[0])[0 if turned else -1]


def _conv(node: Any, shapes: Shapes) -> int:
    weight = shapes(node.input[3 if node.op_type.startswith("QLinear") else 1])
    return 2 * prod(shapes(node.output[0])) * prod(weight[1:])


def _recurrent(node: Any, shapes: Shapes) -> int:
    steps, rows, _ = shapes(node.input[0])
    return 2 * steps * rows * (prod(shapes(node.input[1])) + prod(shapes(node.input[2])))


def _trees(node: Any, _: Shapes) -> int:
    held = {a.name: a for a in node.attribute}
    names = ("nodes_treeids", "nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids")
    tree, own, left, right = (list(held[name].ints) for name in names)
    place = {key: k for k, key in enumerate(zip(tree, own, strict=True))}
    branch = [mode != b"LEAF" for mode in held["nodes_modes"].strings]
    deepest: dict[int, int] = dict.fromkeys(tree, 0)
    open_nodes = [(place[(root, 0)], 0) for root in deepest]
    while open_nodes:
        k, depth = open_nodes.pop()
        if not branch[k]:
            deepest[tree[k]] = max(deepest[tree[k]], depth)
            continue
        open_nodes += [(place[(tree[k], child)], depth + 1) for child in (left[k], right[k])]
    return sum(deepest.values()) + len(deepest)


_COUNTED: dict[str, Callable[[Any, Shapes], int]] = {
    "MatMul": _matmul,
    "MatMulInteger": _matmul,
    "QLinearMatMul": _matmul,
    "Gemm": _gemm,
    "Conv": _conv,
    "QLinearConv": _conv,
    "ConvInteger": _conv,
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "RNN": _recurrent,
    "TreeEnsembleRegressor": _trees,
}
