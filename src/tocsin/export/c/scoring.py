"""The function that scores a window: loops in order, over one stretch of memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod

import numpy as np

from tocsin.export.c.expressions import EACH, expression, literal
from tocsin.export.c.heads import head_value
from tocsin.export.c.indices import broadcast, indented, merged, moved, nested, steps_of, sum_of
from tocsin.export.c.layout import Lease, axis_of, packed
from tocsin.export.c.program import Node, Program
from tocsin.export.c.steps import Step, Steps, gathered, uncovered
from tocsin.export.c.tables import Tables
from tocsin.graph.signature import INPUT

_PLACES = "ijmn"


@dataclass(eq=False)
class Scoring:
    """A program written as the body of a C function.

    Parameters
    ----------
    program
        What is to be written.
    """

    program: Program
    tables: Tables = field(default_factory=Tables)

    def lines(self) -> list[str]:
        """Return the body: from ``window`` and ``scratch`` to results, which :meth:`base` tells of."""
        for node in self.program.nodes:
            if node.kind == "Gather" and node.inputs[0] in self.program.constants:
                self.base(node.inputs[0])  # first, so that what only differs by a factor is made of it
        body = [line for step in self.steps.steps for line in self._step(step)]
        return [*self._declared(), *body]

    @cached_property
    def steps(self) -> Steps:
        """The loops."""
        return gathered(self.program)

    @property
    def words(self) -> int:
        """How much memory it needs, in words of four bytes."""
        return max(self._memory[1], 1)

    def base(self, name: str) -> str:
        """Return a pointer to the first value of something, as C."""
        view = self.steps.views.get(name)
        if view is not None:
            inner = moved(self.base(view.source), str(view.offset))
            size = self.program.size(name)
            return moved(inner, f"{self._number(view.row)} * {size}") if view.row else inner
        if name in self.program.constants:
            return self.tables.add(np.ascontiguousarray(self.program.constants[name], np.float32))
        return INPUT if name == INPUT else self._pointer(name)

    def _pointer(self, name: str) -> str:
        return f"part_{self._owners.index(self._place_of[name])}"

    def _number(self, name: str) -> str:
        return f"number_{[step.output for step in self.steps.steps].index(self.steps.root(name))}"

    @cached_property
    def _owners(self) -> list[str]:
        return list(dict.fromkeys(self._place_of.values()))

    @cached_property
    def _place_of(self) -> dict[str, str]:
        """In whose place each result lies: its own, or that of something which nobody needs any more."""
        place: dict[str, str] = {}
        for at, step in enumerate(self.steps.steps):
            if step.head is None or step.head.kind != "ArgMax":
                place[step.output] = self._inherited(at, step, place) or step.output
        return place

    def _inherited(self, at: int, step: Step, place: Mapping[str, str]) -> str:
        """Return whose place a result can take, value by value, or nothing."""
        if step.head is not None or self._small(step):
            return ""
        for name in dict.fromkeys(step.reads):
            root = self.steps.root(name)
            whole = self.program.size(root) == self.program.size(step.output) and root in place
            if whole and self._last_use(root) == at and root not in self._results and self._evenly(step, root):
                return "" if self._crowded(place[root], root, at, place) else place[root]
        return ""

    def _crowded(self, owner: str, root: str, at: int, place: Mapping[str, str]) -> bool:
        """Tell whether a place is still needed by something other than ``root``, or is one of bytes."""
        sharing = [name for name, held in place.items() if held == owner and name != root]
        return any(self._last_use(name) >= at for name in sharing) or self._bytes(root) != 4

    def _evenly(self, step: Step, root: str) -> bool:
        """Tell whether loops take each value of ``root`` at the place where they put one, and nowhere else."""
        own = broadcast(self.program.shapes[step.output], self.program.shapes[step.output])
        for node in step.chain:
            for name in node.inputs:
                if name and self.steps.root(name) == root:
                    even = broadcast(self.program.shapes[name], self.program.shapes[node.output]) == own
                    if not even or self.program.size(name) != self.program.size(root):
                        return False
        return True

    def _small(self, step: Step) -> bool:
        return step.nodes[-1].kind == "Quantise"

    def _bytes(self, name: str) -> int:
        return 1 if any(node.output == name and node.kind == "Quantise" for node in self.program.nodes) else 4

    @cached_property
    def _results(self) -> set[str]:
        return {self.steps.root(name) for name in self.program.outputs}

    @cached_property
    def _uses(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for at, step in enumerate(self.steps.steps):
            for name in step.reads:
                found[self.steps.root(name)] = at
                view = self.steps.views.get(name)
                while view is not None:
                    if view.row:
                        found[self.steps.root(view.row)] = at
                    view = self.steps.views.get(view.source)
        return found | dict.fromkeys(self._results, len(self.steps.steps))

    def _last_use(self, name: str) -> int:
        return self._uses.get(name, -1)

    @cached_property
    def _memory(self) -> tuple[Mapping[str, int], int]:
        made = {step.output: at for at, step in enumerate(self.steps.steps)}
        leases = []
        for owner in self._owners:
            sharing = [name for name, held in self._place_of.items() if held == owner]
            size = max(self.program.size(name) * self._bytes(name) for name in sharing)
            last = max(self._last_use(name) for name in sharing)
            leases.append(Lease(owner, size, min(made[name] for name in sharing), last))
        return packed(leases)

    def _declared(self) -> list[str]:
        at = self._memory[0]
        lines = []
        for k, owner in enumerate(self._owners):
            place = moved("scratch", str(at[owner]))
            small = self._bytes(owner) == 1
            lines.append(f"int8_t *const part_{k} = (int8_t *){place};" if small else f"float *const part_{k} = {place};")
        return lines

    def _step(self, step: Step) -> list[str]:
        head = step.head
        note = f"/* {' '.join(node.kind for node in step.nodes)}: {self._measures(step)} */"
        if head is not None and head.kind == "Concat":
            return ["", note, *self._joined(head)]
        if head is not None and head.kind in ("ArgMax", "ArgMin"):
            return ["", note, *self._place_found(head)]
        return ["", note, *self._loops(step)]

    def _measures(self, step: Step) -> str:
        return " x ".join(str(length) for length in self.program.stripped(step.output)) or "1"

    def _loops(self, step: Step) -> list[str]:
        """Write a nest of loops that makes each value and puts it into its place."""
        shape = self.program.shapes[step.output]
        lengths = [length for length in shape if length != 1]
        steps = {"": broadcast(shape, shape)}
        for k, (node, name) in enumerate(self._taken(step)):
            steps[f"{k}"] = broadcast(self.program.shapes[name], self.program.shapes[node.output])
        if step.head is None:
            lengths, steps = merged(lengths, steps)
        places = list(_PLACES[: len(lengths)])
        names: dict[str, str] = {}
        lines: list[str] = []
        if step.head is not None:
            value = head_value(self, step.head, _spread(places, self.program.shapes[step.head.output]))
            lines += value.lines
            names[step.head.output] = self._local(step.head, value.expression, step, lines)
        order = iter(range(len(steps)))
        for node in step.chain:
            given = [self._given(name, names, places, steps, order) for name in node.inputs]
            names[node.output] = self._local(node, expression(node, given), step, lines)
        lines.append(f"{self.base(step.output)}[{sum_of(places, steps[''])}] = {names[step.output]};")
        return nested(lengths, places, lines)

    def _local(self, node: Node, value: str, step: Step, lines: list[str]) -> str:
        """Write a value down and return its name; the last one needs none."""
        if node is step.nodes[-1]:
            return value
        name = f"x{sum(line.startswith('const float x') for line in lines)}"
        lines.append(f"const float {name} = {value};")
        return name

    def _taken(self, step: Step) -> list[tuple[Node, str]]:
        """Return what the chain takes from memory, in order, with who takes it."""
        own = {node.output for node in step.nodes}
        return [
            (node, name) for node in step.chain for name in node.inputs if name and name not in own and not self._one(name)
        ]

    def _given(
        self, name: str, names: Mapping[str, str], places: Sequence[str], steps: Mapping[str, list[int]], order: "object"
    ) -> str:
        if not name:
            return ""
        if name in names:
            return names[name]
        if (one := self._one(name)) is not None:
            return one
        return f"{self.base(name)}[{sum_of(places, steps[str(next(order))])}]"  # type: ignore[call-overload]

    def _one(self, name: str) -> str | None:
        """Return a constant that is the same everywhere as a number."""
        values = self.program.constants.get(name)
        if values is None or not (values == values.reshape(-1)[0]).all():
            return None
        return literal(float(values.reshape(-1)[0]))

    def _joined(self, node: Node) -> list[str]:
        """Write copies of several things, one behind the other along an axis."""
        axis = axis_of(node, self.program)
        shape = self.program.shapes[node.output]
        outer, whole = prod(shape[:axis]), prod(shape[axis:])
        lines, start = [], 0
        for name in node.inputs:
            size = prod(self.program.shapes[name][axis:])
            there = moved(self.base(node.output), sum_of(["i"] if outer > 1 else ["0"], [whole], start=start))
            here = moved(self.base(name), sum_of(["i"] if outer > 1 else ["0"], [size]))
            lines.append(f"memcpy({there}, {here}, {size} * sizeof(float));")
            start += size
        return nested([outer] if outer > 1 else [], ["i"] if outer > 1 else [], lines)

    def _place_found(self, node: Node) -> list[str]:
        """Write the search for the place of the greatest, or least, value."""
        if self.program.size(node.output) != 1:
            raise uncovered(f"{node.kind} over several rows")
        sign, name, values = ">" if node.kind == "ArgMax" else "<", self._number(node.output), self.base(node.inputs[0])
        search = [f"if ({values}[i] {sign} {values}[{name}]) {{", f"    {name} = i;", "}"]
        return [f"int {name} = 0;", *nested([self.program.size(node.inputs[0])], ["i"], search)]


def _spread(places: Sequence[str], shape: Sequence[int]) -> list[str]:
    """Return a place for each axis, 0 for those of length 1."""
    left = iter(places)
    return [next(left) if length != 1 else "0" for length in shape]


__all__ = ["EACH", "Scoring", "indented", "steps_of"]
