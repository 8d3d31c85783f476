"""What is said of a rounded graph, to people."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tocsin.artifact.artifact import Artifact
from tocsin.export._int8_choose import Chosen, Level
from tocsin.export._int8_layers import Layer

_WORTH = 2
"""Times smaller that a graph should become for this to be worth while."""


def origin(artifact: Artifact, windows: int) -> str:
    """Return what a rounded artifact was made from."""
    made_from = hashlib.sha256(artifact.graph).hexdigest()[:12]
    return f"int8 of the graph {made_from}, rounded on {windows:,} normal windows; the limit is that graph's."


def facts(layers: Sequence[Layer], chosen: Chosen, artifact: Artifact, *, integer: bool) -> dict[str, str]:
    """Return how much was rounded, and what it saves and costs.

    ``integer`` tells whether it was asked for that layers multiply in whole numbers.
    """
    held = {level: _values(layers, chosen, level) for level in ("integer", "stored", "float")}
    total = sum(held.values())
    before, after = len(artifact.graph), len(chosen.graph)
    told = {
        "graph": f"{after:,} bytes, {before / after:.1f} times smaller than {before:,}",
        "weights in 8 bits": f"{held['stored'] + held['integer']:,} of {total:,}",
        "scores near the limit": f"{100 * chosen.harm.typical:.2f} % of the limit off, on average",
    }
    if integer:
        told["multiplied in whole numbers"] = f"{held['integer']:,} of {total:,} weights"
    return told


def notes(layers: Sequence[Layer], chosen: Chosen, artifact: Artifact, *, integer: bool) -> tuple[str, ...]:
    """Return what could not be rounded as far as was asked for, and whether it paid."""
    told = []
    if (smaller := len(artifact.graph) / len(chosen.graph)) < _WORTH:
        told.append(f"The graph is only {smaller:.1f} times smaller: most of it is no weights that may be rounded.")
    if left := [layer.words for layer in layers if chosen.levels[layer.weight] == "float"]:
        told.append(f"Kept in single precision, because verdicts would turn otherwise: {', '.join(left)}.")
    if integer and "integer" not in chosen.levels.values():
        told.append("No layer multiplies in whole numbers: scores would stray too far.")
    return tuple(told)


def _values(layers: Sequence[Layer], chosen: Chosen, level: Level) -> int:
    return sum(layer.values for layer in layers if chosen.levels[layer.weight] == level)
