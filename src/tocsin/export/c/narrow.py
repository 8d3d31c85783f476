"""Results that nobody looks at: a network that is judged by the last reading it redraws, redraws that alone."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tocsin.export.c.layout import view_of
from tocsin.export.c.program import Node, Program


def narrowed(program: Program) -> Program:
    """Return the program with fully connected layers cut to the results of which something is made.

    A layer is cut where one stretch of its result is taken, and nothing else of it: its weights and its bias then hold
    the columns of that stretch alone, and every number that is left is the same as before.

    Parameters
    ----------
    program
        What is computed.
    """
    made = {node.output: node for node in program.nodes}
    uses = Counter([name for node in program.nodes for name in node.inputs] + list(program.outputs))
    for taker in program.nodes:
        way = _way(taker, program, made)
        if way and all(uses[node.output] == 1 for node in way):
            return narrowed(_cut(program, taker, way))
    return program


def _way(taker: Node, program: Program, made: dict[str, Node]) -> list[Node]:
    """Return what leads from a layer to who takes a stretch of it: product, perhaps a sum, a reshape; or nothing."""
    view = view_of(taker, program) if taker.kind in ("Gather", "Slice") else None
    shape = made.get(taker.inputs[0])
    if view is None or view.row or shape is None or shape.kind != "Reshape":
        return []
    last = made.get(shape.inputs[0])
    added = last is not None and last.kind == "Add" and _flat(last.inputs[1], program)
    layer = made.get(last.inputs[0]) if added and last is not None else last
    if layer is None or last is None or layer.kind != "MatMul" or layer.inputs[1] not in program.constants:
        return []
    if program.constants[layer.inputs[1]].shape[1:] != (program.size(layer.output),):
        return []
    return [layer, last, shape] if added else [layer, shape]


def _flat(name: str, program: Program) -> bool:
    return name in program.constants and program.constants[name].ndim == 1


def _cut(program: Program, taker: Node, way: list[Node]) -> Program:
    """Return the program with the layer that ``way`` begins with cut to what ``taker`` takes."""
    view, size = view_of(taker, program), program.size(taker.output)
    assert view is not None
    part = slice(view.offset, view.offset + size)
    cut = {way[0].inputs[1]: f"{taker.output}/weight"}
    constants = {cut[way[0].inputs[1]]: np.ascontiguousarray(program.constants[way[0].inputs[1]][:, part])}
    if len(way) == 3:
        cut[way[1].inputs[1]] = f"{taker.output}/bias"
        constants[f"{taker.output}/bias"] = program.constants[way[1].inputs[1]][part]
    shapes = {node.output: (1, size) for node in way[:-1]} | {name: array.shape for name, array in constants.items()}
    nodes = [
        Node(node.kind, tuple(cut.get(name, name) for name in node.inputs), node.output, node.attributes)
        if node in way
        else Node("Reshape", (way[-2].output,), taker.output, {})
        if node is taker
        else node
        for node in program.nodes
        if node is not way[-1]
    ]
    return program.rewritten(nodes, shapes=shapes, constants=constants)
