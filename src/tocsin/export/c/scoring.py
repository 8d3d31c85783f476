"""The body of the function that scores a window: loops in order, over one stretch of memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from math import prod

import numpy as np

from tocsin.export.c.expressions import expression, literal
from tocsin.export.c.heads import head_value
from tocsin.export.c.indices import broadcast, merged, moved, nested, sum_of
from tocsin.export.c.layout import axis_of
from tocsin.export.c.memory import Memory
from tocsin.export.c.program import Node, Program, uncovered
from tocsin.export.c.steps import PLACES, Step, gathered
from tocsin.export.c.tables import Tables
from tocsin.graph.signature import INPUT


class Scoring:
    """A program written as C.

    Parameters
    ----------
    program
        What is to be written.

    Attributes
    ----------
    tables : Tables
        The constants that were needed.
    words : int
        How much memory it works in, in words of four bytes.

    Raises
    ------
    SettingError
        If there is an operator that cannot be written.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.tables = Tables()
        self._steps = gathered(program)
        self._memory = Memory(program, self._steps)
        self.words = self._memory.words

    @cached_property
    def lines(self) -> list[str]:
        """The body: from ``window`` and ``scratch`` to results, to which :meth:`base` points."""
        for node in self.program.nodes:
            if node.kind == "Gather" and node.inputs[0] in self.program.constants:
                self.base(node.inputs[0])  # first, so that what only differs by a factor is made of it
        body = [line for step in self._steps.steps for line in ["", _remark(step, self.program), *self._step(step)]]
        return [*self._memory.declared(), *body]

    def base(self, name: str) -> str:
        """Return a pointer to the first value of something, as C."""
        view = self._steps.views.get(name)
        if view is not None:
            inner = moved(self.base(view.source), str(view.offset))
            return moved(inner, f"{self.number(view.row)} * {self.program.size(name)}") if view.row else inner
        if name in self.program.constants:
            return self.tables.add(np.ascontiguousarray(self.program.constants[name], np.float32))
        return INPUT if name == INPUT else self._memory.pointer(name)

    def number(self, name: str) -> str:
        """Return the name of a whole number that is found on the way."""
        root = self._steps.root(name)
        return f"number_{[step.output for step in self._steps.steps].index(root)}"

    def _step(self, step: Step) -> list[str]:
        if step.head is not None and step.head.kind == "Concat":
            return self._joined(step.head)
        if step.head is not None and step.head.kind in PLACES:
            return self._place_found(step.head)
        return self._loops(step)

    def _loops(self, step: Step) -> list[str]:
        """Write loops that make each value and put it into its place."""
        shape = self.program.shapes[step.output]
        lengths, steps = [length for length in shape if length != 1], self._strides(step)
        if step.head is None:
            lengths, steps = merged(lengths, steps)
        places = list("ijmn"[: len(lengths)])
        lines, names = list[str](), dict[str, str]()
        if step.head is not None:
            value = head_value(self, step.head, _spread(places, self.program.shapes[step.head.output]))
            lines += value.lines
            names[step.head.output] = self._kept(step.head, value.expression, step, lines)
        for node in step.chain:
            given = [self._given(name, node, names, places, steps) for name in node.inputs]
            names[node.output] = self._kept(node, expression(node, given), step, lines)
        lines.append(f"{self.base(step.output)}[{sum_of(places, steps[''])}] = {names[step.output]};")
        return nested(lengths, places, lines)

    def _strides(self, step: Step) -> dict[str, list[int]]:
        """Return how far apart what is taken lies along the axes of the result, by taker and name; "" is the result."""
        shapes = self.program.shapes
        strides = {"": broadcast(shapes[step.output], shapes[step.output])}
        for node, name in self._steps.taken(step):
            if node is not step.head and self._one(name) is None:
                strides[f"{node.output} {name}"] = broadcast(shapes[name], shapes[node.output])
        return strides

    def _kept(self, node: Node, value: str, step: Step, lines: list[str]) -> str:
        """Write a value down and return its name; the last one needs none."""
        if node is step.nodes[-1]:
            return value
        name = f"x{sum(line.startswith('const float x') for line in lines)}"
        lines.append(f"const float {name} = {value};")
        return name

    def _given(
        self, name: str, node: Node, names: Mapping[str, str], places: Sequence[str], steps: Mapping[str, list[int]]
    ) -> str:
        """Return one value that an operator takes, as C."""
        first = self._steps.first(name)
        if not name or first in names:
            return names[first] if name else ""
        one = self._one(name)
        return one if one is not None else f"{self.base(name)}[{sum_of(places, steps[f'{node.output} {name}'])}]"

    def _one(self, name: str) -> str | None:
        """Return a constant that is the same everywhere as a number."""
        values = self.program.constants.get(name)
        if values is None or not (values == values.reshape(-1)[0]).all():
            return None
        return literal(float(values.reshape(-1)[0]))

    def _joined(self, node: Node) -> list[str]:
        """Write copies of several things, one behind the other along an axis."""
        axis, shape, start = axis_of(node, self.program), self.program.shapes[node.output], 0
        outer, whole, lines = prod(shape[:axis]), prod(shape[axis:]), []
        place = ["i"] if outer > 1 else ["0"]
        for name in node.inputs:
            size = prod(self.program.shapes[name][axis:])
            there = moved(self.base(node.output), sum_of(place, [whole], start=start))
            here = moved(self.base(name), sum_of(place, [size]))
            lines.append(f"memcpy({there}, {here}, {size} * sizeof(float));")
            start += size
        return nested([outer] if outer > 1 else [], ["i"] if outer > 1 else [], lines)

    def _place_found(self, node: Node) -> list[str]:
        """Write the search for the place of the greatest, or least, value."""
        if self.program.size(node.output) != 1:
            raise uncovered(f"{node.kind} over several rows")
        sign, name, values = ">" if node.kind == "ArgMax" else "<", self.number(node.output), self.base(node.inputs[0])
        search = [f"if ({values}[i] {sign} {values}[{name}]) {{", f"    {name} = i;", "}"]
        return [f"int {name} = 0;", *nested([self.program.size(node.inputs[0])], ["i"], search)]


def _spread(places: Sequence[str], shape: Sequence[int]) -> list[str]:
    """Return a place for each axis, 0 for those of length 1."""
    left = iter(places)
    return [next(left) if length != 1 else "0" for length in shape]


def _remark(step: Step, program: Program) -> str:
    size = " x ".join(str(length) for length in program.stripped(step.output)) or "1"
    return f"/* {' '.join(node.kind for node in step.nodes)}: {size} */"
