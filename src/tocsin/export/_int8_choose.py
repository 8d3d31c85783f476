"""Choosing layer by layer how far it may be rounded: as few as possible stay in single precision."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tocsin.core.progress import report
from tocsin.export._int8_exam import INTEGER, STORED, Exam, Harm
from tocsin.export._int8_layers import Layer

Level = Literal["integer", "stored", "float"]
"""What becomes of a layer: it multiplies in whole numbers, or its weights are kept in them, or neither."""

LEVELS: tuple[Level, ...] = ("integer", "stored", "float")
"""From the furthest rounding to none."""

Build = Callable[[Mapping[str, Level]], bytes]


@dataclass(frozen=True, eq=False)
class Chosen:
    """A graph that is rounded as far as it may be.

    Parameters
    ----------
    graph
        The serialised graph.
    levels
        What became of each layer, by weight.
    harm
        What that does to scores.
    """

    graph: bytes
    levels: Mapping[str, Level]
    harm: Harm


def choose(layers: Sequence[Layer], build: Build, exam: Exam, *, first: Level) -> Chosen:
    """Round every layer, and take back what harms most until the exam is passed.

    Parameters
    ----------
    layers
        What was learned.
    build
        Makes the graph in which layers are rounded so far.
    exam
        What a graph has to pass.
    first
        How far to round at first; layers that cannot multiply in whole numbers begin with "stored".
    """
    levels = {layer.weight: "stored" if first == "integer" and not layer.integer else first for layer in layers}
    alone: dict[tuple[str, Level], Harm] = {}
    for step in range(2 * len(layers) + 1):
        report("choosing what is rounded", step, 2 * len(layers) + 1)
        graph = build(levels)
        harm = exam.harm(graph)
        rounded = [weight for weight, level in levels.items() if level != "float"]
        if _bearable(harm, levels) or not rounded:
            break
        for weight in rounded:
            if (weight, levels[weight]) not in alone:
                alone[weight, levels[weight]] = exam.harm(build(_only(levels, weight)))
        worst = max(rounded, key=lambda weight: (levels[weight] == "integer", alone[weight, levels[weight]]))
        levels[worst] = LEVELS[LEVELS.index(levels[worst]) + 1]
    return Chosen(graph, levels, harm)


def _bearable(harm: Harm, levels: Mapping[str, Level]) -> bool:
    """Tell whether no verdict turned, and scores near the limit moved little."""
    most = INTEGER if "integer" in levels.values() else STORED
    return harm.turned == 0 and harm.typical <= most


def _only(levels: Mapping[str, Level], weight: str) -> dict[str, Level]:
    """Return levels at which nothing but one layer is rounded."""
    return {name: level if name == weight else "float" for name, level in levels.items()}
