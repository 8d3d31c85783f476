"""Layers in whole numbers of 8 bits: a quarter of the flash, and products that a chip makes several at a time.

Weights are symmetric, with a factor for each result (Jacob et al. 2018, "Quantization and training of neural networks
for efficient integer-arithmetic-only inference"; Krishnamoorthi 2018, "Quantizing deep convolutional networks"). What
goes into a layer has one factor, found on normal windows. The score's own arithmetic stays in floating point: it
compares the reading as it came with what the network makes of it, so that a wild reading, of which 8 bits hold only a
part, is no less strange for that. Where cutting still turns verdicts, weights alone are rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.export.c.heads import structured
from tocsin.export.c.program import Node, Program
from tocsin.graph import onnx_package, parse
from tocsin.graph.signature import INPUT

FULL = 127
"""The greatest whole number: of 8 bits, alike to both sides."""

_LEAST = 64
"""Weights of the smallest layer that is worth it."""

_NOTHING = 1e-30
"""Weights up to this are none: their inverse would leave float32."""

_NARROWEST = 3
"""Results of the narrowest: what has fewer is arithmetic, not a layer."""


def quantised(program: Program, onnx: bytes, *, normal: Float32Array, headroom: float | None = 2.0) -> Program:
    """Return the program with its layers in whole numbers of 8 bits.

    Parameters
    ----------
    program
        In floating point.
    onnx
        The graph that it was read from.
    normal
        ndarray of shape (n, window, channels), float32: normal windows, on which it is found how large what goes into
        each layer is.
    headroom
        How far what goes into a layer may reach before it is cut, in the reach of normal windows; None to round the
        weights alone, so that nothing is cut.

    Raises
    ------
    SettingError
        If there is no layer to write so.
    """
    layers = [node for node in program.nodes if _worth_it(node, program)]
    if not layers:
        raise SettingError(
            "There is no layer in this graph that would be smaller in 8 bits.", remedy="Export it as c, or as onnx."
        )
    reaches = {} if headroom is None else _reaches(onnx, layers, normal)
    steps = {name: reach * (headroom or 1) / FULL for name, reach in reaches.items()}
    shapes: dict[str, tuple[int, ...]] = {}
    constants: dict[str, npt.NDArray[Any]] = {}
    nodes: list[Node] = []
    for node in program.nodes:
        if node not in layers:
            nodes.append(_looked_up(node, layers, program) or node)
            continue
        given = node.inputs[0]
        small = f"{given}/8" if given in steps else given
        if given in steps and small not in shapes:
            shapes[small] = program.shapes[given]
            nodes.append(Node("Quantise", (given,), small, {"factor": 1 / steps[given]}))
        nodes.append(_layer(node, small, program, constants, step=steps.get(given, 1.0)))
    shapes |= {name: array.shape for name, array in constants.items()}
    return program.rewritten(nodes, shapes=shapes, constants=constants)


def _worth_it(node: Node, program: Program) -> bool:
    """Tell whether an operator is a layer of a network, with weights of its own."""
    if node.kind not in ("MatMul", "Conv") or node.inputs[1] not in program.constants:
        return False
    weight = program.constants[node.inputs[1]]
    results = weight.shape[-1] if node.kind == "MatMul" else weight.shape[0]
    big = weight.size >= _LEAST and results >= _NARROWEST
    return big and not (node.kind == "MatMul" and structured(weight))


def _layer(node: Node, given: str, program: Program, constants: dict[str, npt.NDArray[Any]], *, step: float) -> Node:
    """Return a layer of ``given`` in whole numbers, and add its weights; ``step`` is what 1 stands for in ``given``."""
    weight = program.constants[node.inputs[1]]
    rows, factor = rounded_rows(weight.T if node.kind == "MatMul" else weight)
    name, scale = f"{node.output}/weight8", f"{node.output}/scale"
    constants[name], constants[scale] = rows, (factor * step).astype(np.float32)
    constants[f"{node.output}/half"] = (factor / 2).astype(np.float32)
    if node.kind == "MatMul":
        return Node("MatMul8", (given, name, scale), node.output, {})
    bias = f"{node.output}/bias"
    plain = program.constants[node.inputs[2]] if len(node.inputs) > 2 else np.zeros(len(weight))
    constants[bias] = plain.astype(np.float32)
    return Node("Conv8", (given, name, scale, bias), node.output, node.attributes)


def rounded_rows(weight: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float64]]:
    """Return weights as whole numbers, and for each row what 1 stands for.

    >>> rows, factor = rounded_rows(np.array([[1.0, -0.5], [0.0, 0.0]]))
    >>> rows.tolist(), (factor * 127).tolist()
    ([[127, -64], [0, 0]], [1.0, 127.0])
    """
    greatest = np.abs(weight.astype(np.float64)).reshape(len(weight), -1).max(axis=1)
    factor = np.where(greatest > _NOTHING, greatest, FULL) / FULL
    rows = np.rint(weight / factor.reshape(-1, *[1] * (weight.ndim - 1)))
    return rows.astype(np.int8), factor


def _looked_up(node: Node, layers: Sequence[Node], program: Program) -> Node | None:
    """Return how a row is looked up among the weights of a layer where the table of it would be the same."""
    if node.kind != "Gather" or node.inputs[0] not in program.constants or node.inputs[1] in program.constants:
        return None
    table = program.constants[node.inputs[0]]
    for layer in layers:
        weight = program.constants[layer.inputs[1]]
        if layer.kind == "MatMul" and weight.shape[::-1] == table.shape and np.array_equal(weight.T, 2 * table):
            return Node("Gather8", (f"{layer.output}/weight8", f"{layer.output}/half", node.inputs[1]), node.output, {})
    return None


def _reaches(onnx: bytes, layers: Sequence[Node], normal: Float32Array) -> dict[str, float]:
    """Return how far from 0 what goes into each layer comes, over normal windows."""
    onnx_package()
    from onnx.reference import ReferenceEvaluator

    names = list(dict.fromkeys(layer.inputs[0] for layer in layers))
    found = ReferenceEvaluator(parse(onnx)).run(names, {INPUT: normal})
    return {name: float(np.abs(each).max()) or 1.0 for name, each in zip(names, found, strict=True)}
