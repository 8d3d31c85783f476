"""Exponential linear units of a foreign graph, written as the project writes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.graph import onnx_package


def steady(graph: Any, *, double: bool = False) -> bool:
    """Exchange each Elu of an ``onnx.GraphProto`` for what :func:`tocsin.graph.elu.elu` adds; tell whether any was.

    Parameters
    ----------
    graph
        It is changed.
    double
        Does it calculate in double precision?
    """
    onnx, nodes = onnx_package(), list(graph.node)
    found = [node for node in nodes if node.op_type == "Elu" and _slope(node) == 1]
    if not found:
        return False
    for name, value in (("elu/zero", 0), ("elu/one", 1)):
        width = np.float64 if double else np.float32
        graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, width), name))
    del graph.node[:]
    for node in nodes:
        graph.node.extend(_parts(node) if node in found else [node])
    return True


def _parts(node: Any) -> list[Any]:
    make, out = onnx_package().helper.make_node, node.output[0]
    return [
        make("Min", [node.input[0], "elu/zero"], [f"{out}/below"]),
        make("Exp", [f"{out}/below"], [f"{out}/exp"]),
        make("Sub", [f"{out}/exp", "elu/one"], [f"{out}/less"]),
        make("Max", [node.input[0], f"{out}/less"], [out]),
    ]


def _slope(node: Any) -> float:
    return next((float(attribute.f) for attribute in node.attribute if attribute.name == "alpha"), 1.0)
