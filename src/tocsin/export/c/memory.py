"""Which result lies where: in a place of its own, or in that of something which nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tocsin.export.c.indices import broadcast, moved
from tocsin.export.c.layout import WORD, Lease, packed
from tocsin.export.c.program import Program
from tocsin.export.c.steps import PLACES, Step, Steps


@dataclass(frozen=True, eq=False)
class Memory:
    """The one stretch of memory that all loops share.

    Parameters
    ----------
    program
        What is computed.
    steps
        In what loops.
    """

    program: Program
    steps: Steps

    @property
    def words(self) -> int:
        """How long it is, in words of four bytes."""
        return max(self._packed[1], 1)

    def pointer(self, name: str) -> str:
        """Return the name of the pointer to a result."""
        return f"part_{self._owners.index(self._owner[name])}"

    def declared(self) -> list[str]:
        """Return the pointers as C."""
        lines = []
        for k, owner in enumerate(self._owners):
            place = moved("scratch", str(self._packed[0][owner]))
            kind, cast = ("int8_t", "(int8_t *)") if self._bytes(owner) == 1 else ("float", "")
            lines.append(f"{kind} *const part_{k} = {cast}{place};")
        return lines

    @cached_property
    def _owners(self) -> list[str]:
        return list(dict.fromkeys(self._owner.values()))

    @cached_property
    def _owner(self) -> dict[str, str]:
        """For each result the one in whose place it lies, itself unless that is free by then."""
        owner: dict[str, str] = {}
        for at, step in enumerate(self.steps.steps):
            if step.head is None or step.head.kind not in PLACES:
                owner[step.output] = self._inherited(at, step, owner) or step.output
        return owner

    def _inherited(self, at: int, step: Step, owner: Mapping[str, str]) -> str:
        """Return whose place a result can take over, value by value, or nothing."""
        if step.head is not None or self._bytes(step.output) != WORD:
            return ""
        for _, name in self.steps.taken(step):
            root = self.steps.root(name)
            free = root in owner and self._bytes(root) == WORD and self._last(root) == at
            if free and self._evenly(step, root) and not self._shared(root, at, owner):
                return owner[root]
        return ""

    def _shared(self, root: str, at: int, owner: Mapping[str, str]) -> bool:
        """Tell whether something else that is still needed lies in the place of ``root``."""
        others = [name for name, held in owner.items() if held == owner[root] and name != root]
        return any(self._last(name) >= at for name in others)

    def _evenly(self, step: Step, root: str) -> bool:
        """Tell whether loops take each value of ``root`` where they put one, and nowhere else."""
        shapes = self.program.shapes
        own = broadcast(shapes[step.output], shapes[step.output])
        return all(
            self.program.size(name) == self.program.size(root) == self.program.size(step.output)
            and broadcast(shapes[name], shapes[node.output]) == own
            for node, name in self.steps.taken(step)
            if self.steps.root(name) == root
        )

    def _bytes(self, name: str) -> int:
        return 1 if name in self._small else WORD

    @cached_property
    def _small(self) -> set[str]:
        return {node.output for node in self.program.nodes if node.kind == "Quantise"}

    def _last(self, name: str) -> int:
        """Return the last step that takes a result; results of the whole are taken behind all."""
        return self._uses.get(name, -1)

    @cached_property
    def _uses(self) -> dict[str, int]:
        taken = {
            root: at
            for at, step in enumerate(self.steps.steps)
            for _, name in self.steps.taken(step)
            for root in self._roots(name)
        }
        return taken | {self.steps.root(name): len(self.steps.steps) for name in self.program.outputs}

    def _roots(self, name: str) -> Iterator[str]:
        """Yield what must be there so that something can be taken."""
        yield self.steps.root(name)
        while (view := self.steps.views.get(name)) is not None:
            if view.row:
                yield self.steps.root(view.row)
            name = view.source

    @cached_property
    def _packed(self) -> tuple[Mapping[str, int], int]:
        made = {step.output: at for at, step in enumerate(self.steps.steps)}
        leases = []
        for owner in self._owners:
            inside = [name for name, held in self._owner.items() if held == owner]
            size = max(self.program.size(name) * self._bytes(name) for name in inside)
            leases.append(Lease(owner, size, made[owner], max(self._last(name) for name in inside)))
        return packed(leases)
