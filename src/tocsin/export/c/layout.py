"""Where values lie: views of others that need no loop of their own, and one stretch of memory used again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from tocsin.export.c.program import Node, Program

WORD = 4
"""Bytes of a float; everything begins at a multiple of it."""

_SAME = {"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Identity", "Dropout"}


@dataclass(frozen=True)
class View:
    """A stretch of something else.

    Parameters
    ----------
    source
        Name of what it is a stretch of.
    offset
        Values before it.
    row
        Name of a number that is only known when the program runs: so many stretches come before it; "" for none.
    """

    source: str
    offset: int = 0
    row: str = ""


def view_of(node: Node, program: Program) -> View | None:
    """Return the view that a node's result is, or None where values move or change."""
    if node.kind in _SAME:
        return View(node.inputs[0])
    if node.kind == "Transpose":
        return View(node.inputs[0]) if _stays(node, program) else None
    if node.kind == "Gather":
        return _gathered(node, program)
    return _sliced(node, program) if node.kind == "Slice" else None


def order_of(node: Node, program: Program) -> list[int]:
    """Return the order in which a Transpose puts the axes."""
    axes = len(program.shapes[node.inputs[0]])
    return list(node.attributes.get("perm", range(axes)[::-1]))


def axis_of(node: Node, program: Program, *, otherwise: int = 0) -> int:
    """Return the axis of a node, counted from 0."""
    return int(node.attributes.get("axis", otherwise)) % len(program.shapes[node.inputs[0]])


def slices_of(node: Node, program: Program) -> list[slice]:
    """Return what a Slice keeps of each axis."""
    shape = program.shapes[node.inputs[0]]
    given = [program.constants[name].tolist() if name else None for name in node.inputs[1:]]
    starts, ends = given[0] or [], given[1] or []
    axes = (given[2] if len(given) > 2 else None) or range(len(starts))
    steps = (given[3] if len(given) > 3 else None) or [1] * len(starts)
    kept = [slice(0, length, 1) for length in shape]
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        kept[axis] = slice(*slice(start, end, step).indices(shape[axis]))
    return kept


def _stays(node: Node, program: Program) -> bool:
    shape = program.shapes[node.inputs[0]]
    moved = [axis for axis in order_of(node, program) if shape[axis] != 1]
    return moved == sorted(moved)


def _gathered(node: Node, program: Program) -> View | None:
    source, chosen = node.inputs
    shape, axis = program.shapes[source], axis_of(node, program)
    inner = prod(shape[axis + 1 :])
    if chosen not in program.constants:
        return View(source, row=chosen) if program.size(chosen) == 1 and axis == 0 else None
    places = program.constants[chosen].reshape(-1) % shape[axis]
    if prod(shape[:axis]) == 1 and (np.diff(places) == 1).all():
        return View(source, offset=int(places[0]) * inner)
    return None


def _sliced(node: Node, program: Program) -> View | None:
    shape, kept = program.shapes[node.inputs[0]], slices_of(node, program)
    cut = [axis for axis, part in enumerate(kept) if (part.start, part.stop, part.step) != (0, shape[axis], 1)]
    if not cut:
        return View(node.inputs[0])
    axis = cut[0]
    if cut == [axis] and kept[axis].step == 1 and prod(shape[:axis]) == 1:
        return View(node.inputs[0], offset=kept[axis].start * prod(shape[axis + 1 :]))
    return None


@dataclass(frozen=True)
class Lease:
    """How long something needs its place.

    Parameters
    ----------
    name
        What it is called.
    bytes
        How much it needs.
    first, last
        The steps from which, and up to which, both included.
    """

    name: str
    bytes: int
    first: int
    last: int


def packed(leases: Sequence[Lease]) -> tuple[Mapping[str, int], int]:
    """Return where each begins, in words, and how many words all need, so that none lies on another in its time.

    The greatest come first, each at the lowest place that is free for as long as it needs it: as good as the best for
    nearly all networks (Pisarchyk & Lee 2020, "Efficient memory management for deep neural net inference").

    Examples
    --------
    >>> packed([Lease("a", 8, 0, 1), Lease("b", 4, 1, 2), Lease("c", 8, 2, 3)])
    ({'a': 0, 'c': 0, 'b': 2}, 3)
    """
    placed: list[tuple[Lease, int]] = []
    for lease in sorted(leases, key=lambda each: (-each.bytes, each.first, each.name)):
        beside = sorted((at, _words(other)) for other, at in placed if _together(lease, other))
        place = 0
        for at, words in beside:
            if at - place >= _words(lease):
                break
            place = max(place, at + words)
        placed.append((lease, place))
    return {lease.name: at for lease, at in placed}, max((at + _words(lease) for lease, at in placed), default=0)


def _together(one: Lease, other: Lease) -> bool:
    return one.first <= other.last and other.first <= one.last


def _words(lease: Lease) -> int:
    return -(-lease.bytes // WORD)
