"""Counting what a graph has learned: weights of a network, splits and leaves of trees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tocsin.export._constants import Constants
from tocsin.graph import parse

_LEARNED = {
    "Conv": (1, 2),
    "ConvTranspose": (1, 2),
    "Gemm": (1, 2),
    "LSTM": (1, 2, 3, 7),
    "GRU": (1, 2, 3),
    "RNN": (1, 2, 3),
    "LayerNormalization": (1, 2),
    "QLinearConv": (3, 8),
    "ConvInteger": (1,),
    "QLinearMatMul": (0, 3),
    "MatMulInteger": (0, 1),
    "MatMul": (0, 1),
}
"""Which inputs of an operator hold what was learned, where they are constants."""

_PRODUCTS = ("MatMul", "MatMulInteger", "QLinearMatMul", "ConvInteger")


def parameters(onnx: bytes) -> int:
    """Count a graph's parameters, as the makers of networks count them.

    Weights and biases of dense, convolutional and recurrent layers and of layer norms, each stored number once however
    it is kept (int8 or float32) and however often it is used; of trees, a number a split and a leaf. Matrices of at
    most two different numbers are no weights: they repeat, choose or sum up. Neither are scales and limits.

    Parameters
    ----------
    onnx
        The serialised graph.

    Examples
    --------
    >>> from tocsin.graph.dense import dense
    >>> from tocsin.graph.network import Network
    >>> network = Network(window=1, channels=3)
    >>> row = network.op("Reshape", network.input, network.integers([-1, 3]))
    >>> weight = np.arange(6, dtype=np.float32).reshape(2, 3)
    >>> wide = dense(network, row, weight=weight, bias=np.ones(2, np.float32))
    >>> total = network.op("MatMul", wide, network.constant([[0.5], [0.5]]))
    >>> parameters(network.seal(network.op("Reshape", total, network.integers([-1]))).onnx)
    8
    """
    body = parse(onnx).graph
    constants = Constants(body)
    counted: dict[str, int] = {}
    trees = 0
    for node in body.node:
        counted |= dict(_of(node, constants))
        trees += _in_trees(node)
    return sum(counted.values()) + trees


def _of(node: Any, constants: Constants) -> Iterator[tuple[str, int]]:
    """Yield the names under which a node's weights are stored, each with how many numbers were learned."""
    for place in _LEARNED.get(node.op_type, ()):
        origin = constants.origin(node.input[place]) if place < len(node.input) else None
        if origin is None:
            continue
        numbers = constants.stored(origin)
        if node.op_type in _PRODUCTS and _is_plain(numbers):
            continue
        yield origin, _learned(node.op_type, place, numbers)
    if node.op_type == "Add":
        yield from _bias(node, constants)


def _is_plain(numbers: np.ndarray[Any, Any]) -> bool:
    return len(np.unique(numbers)) <= 2 or not numbers.ndim


def _learned(kind: str, place: int, numbers: np.ndarray[Any, Any]) -> int:
    """Return how many of ``numbers`` were learned: an LSTM has room for two biases a gate, and mostly needs one."""
    halves = kind in ("LSTM", "RNN") and place == 3
    if halves and not numbers[..., numbers.shape[-1] // 2 :].any():
        return numbers.size // 2
    return int(numbers.size)


def _bias(node: Any, constants: Constants) -> Iterator[tuple[str, int]]:
    """Yield what is added to the product with learned weights: the layer's bias."""
    for own, other in (node.input, node.input[::-1]):
        origin, product = constants.origin(own), constants.behind(other)
        if origin is None or product is None or product.op_type not in _PRODUCTS:
            continue
        if any(True for _ in _of(product, constants)):
            yield origin, int(constants.stored(origin).size)


def _in_trees(node: Any) -> int:
    if node.op_type != "TreeEnsembleRegressor":
        return 0
    return sum(len(a.strings) for a in node.attribute if a.name == "nodes_modes")
