"""The way from an artifact to C that can be asked: read, written, compiled, measured."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.scores import Scores
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.narrow import narrowed
from tocsin.export.c.program import Program, read
from tocsin.export.c.sizes import Sizes, sizes
from tocsin.export.c.source import Arena, source
from tocsin.export.target import Made
from tocsin.graph.signature import BY_CHANNEL, SCORE


@dataclass(frozen=True, eq=False)
class MadeC(Made):
    """An artifact as C, compiled here so that it can be asked."""

    compiled: Compiled | None = None

    def score(self, windows: Float32Array) -> Scores:
        """Score windows of shape (n, window, channels), float32, in raw units, by the C itself."""
        assert self.compiled is not None
        return self.compiled(windows)


def program_of(artifact: Artifact) -> Program:
    """Return an artifact's graph as a program for one window."""
    return narrowed(read(artifact.graph, outputs=(SCORE, BY_CHANNEL)))


def made(artifact: Artifact, program: Program, *, name: str, arena: Arena, precision: str) -> MadeC:
    """Return an artifact as C.

    Parameters
    ----------
    artifact
        What was trained.
    program
        Its graph, as it is to be computed.
    name
        Name of the C file.
    arena
        Where scoring works: in the device's state, or on the stack.
    precision
        What the numbers of its layers are.

    Raises
    ------
    SettingError
        If it cannot be written as C, or there is no compiler to prove it with.
    """
    first = source(artifact, program, file=name, arena=arena, precision=precision)
    compiled = Compiled(first)
    needs = sizes(first, state=compiled.state_bytes)
    said = f"On a {needs.machine}: {needs.flash:,} bytes of flash, {needs.state:,} of memory for each device"
    said += f", {needs.stack:,} of stack." if needs.stack else "."
    final = source(artifact, program, file=name, arena=arena, precision=precision, sizes=said)
    return MadeC(final.files, _facts(needs, precision), _notes(artifact), compiled)


def _facts(needs: Sizes, precision: str) -> dict[str, str]:
    stack = {"stack": f"{needs.stack:,} bytes"} if needs.stack else {}
    return {
        "precision": precision,
        f"flash ({needs.machine})": f"{needs.flash:,} bytes",
        "RAM, for each device": f"{needs.state:,} bytes",
        **stack,
    }


def _notes(artifact: Artifact) -> tuple[str, ...]:
    """Return what the C does not do as ``tocsin watch`` does."""
    policy, notes = artifact.policy, ["It is to be given one reading each period, also where there is none: NAN then."]
    told = {
        "quiet hours": policy.quiet,
        "maintenance": policy.maintenance,
        "rules for channels": policy.intents,
        "rules for devices": policy.devices,
        "merging of incidents": policy.merge_within_ns,
        "groups of incidents": policy.together_ns,
    }
    if left := [what for what, given in told.items() if given]:
        notes.append(f"Its alarm knows nothing of {', '.join(left)}; scores and limit are the artifact's.")
    if artifact.counters.which:
        notes.append("It takes double instead of float, since a counter loses its steps in float.")
    return tuple(notes)
