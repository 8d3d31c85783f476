"""Operators gathered into loops: what is done to each value by itself is done where the value is made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tocsin.export.c.expressions import EACH
from tocsin.export.c.layout import View, view_of
from tocsin.export.c.program import Node, Program, uncovered

HEADS = {"MatMul", "MatMul8", "Conv", "Conv8", "Transpose", "Slice", "Gather", "Gather8", "ReduceMax", "ReduceMin"}
"""Operators that make values one by one, in any order, so that more can be done to each at once."""

PLACES = {"ArgMax", "ArgMin"}
"""Operators that find a place, which is a whole number and lies in no memory."""

ALONE = PLACES | {"Concat"}
"""Operators with loops of their own."""


@dataclass(frozen=True, eq=False)
class Step:
    """One nest of loops.

    Parameters
    ----------
    head
        What makes the values; None where each is made of others at its own place.
    chain
        What is done to each value then, in order.
    """

    head: Node | None
    chain: tuple[Node, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All that is done."""
        return (*([self.head] if self.head else []), *self.chain)

    @property
    def output(self) -> str:
        """Name of the result."""
        return self.nodes[-1].output


@dataclass(frozen=True, eq=False)
class Steps:
    """A program as loops in order.

    Parameters
    ----------
    steps
        The loops.
    views
        What needs no loop, since it is a stretch of something else.
    same
        Views that are the whole of what they are of, but for axes of length 1, with its name.
    """

    steps: tuple[Step, ...]
    views: Mapping[str, View]
    same: Mapping[str, str]

    def first(self, name: str) -> str:
        """Return the name that the same values had first."""
        return _first(name, self.same)

    def taken(self, step: Step) -> list[tuple[Node, str]]:
        """Return what a step takes from elsewhere, in order, each with the operator that takes it."""
        own = {node.output for node in step.nodes}
        pairs = [(node, name) for node in step.nodes for name in node.inputs if name]
        return [(node, name) for node, name in pairs if self.first(name) not in own]

    def root(self, name: str) -> str:
        """Return the name of what something is a stretch of, which has a place of its own."""
        while name in self.views:
            name = self.views[name].source
        return name


def gathered(program: Program) -> Steps:
    """Return the program as loops, as few as there can be without working anything out twice.

    Raises
    ------
    SettingError
        If an operator is not covered, with those that are.
    """
    views = {node.output: view for node in program.nodes if (view := view_of(node, program)) is not None}
    real = [node for node in program.nodes if node.output not in views]
    for node in real:
        _check(node, program)
    same = {name: view.source for name, view in views.items() if _alike(name, view, program)}
    users = _users(program, views, same)
    owner = _owners(real, users, program)
    groups: dict[str, list[Node]] = defaultdict(list)
    for node in real:
        groups[owner[node.output]].append(node)
    steps = [_step(group) for group in groups.values()]
    place = {node.output: at for at, node in enumerate(program.nodes)}
    return Steps(tuple(sorted(steps, key=lambda step: place[step.output])), views, same)


def _step(group: Sequence[Node]) -> Step:
    heads = [node for node in group if node.kind not in EACH]
    chain = tuple(node for node in group if node.kind in EACH)
    return Step(heads[0] if heads else None, chain)


def _owners(real: Sequence[Node], users: Mapping[str, set[str]], program: Program) -> dict[str, str]:
    """Return for each result the result of the loops that it is made in, seen from the last one back."""
    owner: dict[str, str] = {}
    headed: set[str] = set()
    kinds = {node.output: node.kind for node in real}
    for node in reversed(real):
        of = {owner.get(user, "") for user in users[node.output]}
        one = next(iter(of)) if len(of) == 1 else ""
        joins = one and all(kinds.get(user) in EACH for user in users[node.output])
        joins = joins and program.stripped(one) == program.stripped(node.output) and node.kind not in ALONE
        joins = joins and (node.kind in EACH or one not in headed)
        owner[node.output] = one if joins else node.output
        if node.kind not in EACH:
            headed.add(owner[node.output])
    return owner


def _users(program: Program, views: Mapping[str, View], same: Mapping[str, str]) -> dict[str, set[str]]:
    """Return by whom each result is used; "" stands for the outside, and for views, which need it in memory."""
    users: dict[str, set[str]] = defaultdict(set)
    for name in program.outputs:
        users[_first(name, same)].add("")
    for node in program.nodes:
        if node.output in same:
            continue
        for name in node.inputs:
            users[_first(name, same)].add("" if node.output in views else node.output)
    return users


def _alike(name: str, view: View, program: Program) -> bool:
    """Tell whether a view is the same values at the same places, but for axes of length 1."""
    whole = not view.offset and not view.row and program.size(name) == program.size(view.source)
    return whole and program.stripped(name) == program.stripped(view.source)


def _first(name: str, same: Mapping[str, str]) -> str:
    while name in same:
        name = same[name]
    return name


def _check(node: Node, program: Program) -> None:
    if node.kind not in HEADS | ALONE | EACH.keys():
        raise uncovered(node.kind)
    fixed = {"MatMul": 1, "Conv": 1, "Gather": 1, "ReduceMax": 1, "ReduceMin": 1}.get(node.kind)
    if fixed is not None and len(node.inputs) > fixed and node.inputs[fixed] not in program.constants:
        raise uncovered(f"{node.kind} of two things that both depend on the window")
