"""What people are told of a rounded graph is what became of it."""

from __future__ import annotations

from dataclasses import replace

from tocsin.artifact.artifact import Artifact
from tocsin.export._int8_choose import Chosen, Level
from tocsin.export._int8_exam import Harm
from tocsin.export._int8_layers import Layer
from tocsin.export._int8_words import facts, notes

LAYERS = (
    Layer("a", "first", "Conv", place=1, values=5120, integer=True),
    Layer("b", "second", "LSTM", place=1, values=640, integer=False),
)


def _chosen(first: Level, second: Level, *, size: int) -> Chosen:
    return Chosen(bytes(size), {"a": first, "b": second}, Harm(turned=0, typical=0.0123))


def test_what_was_saved_and_what_it_costs_is_counted(artifact: Artifact) -> None:
    own = replace(artifact, graph=bytes(10_000))
    assert facts(LAYERS, _chosen("integer", "stored", size=2500), own, integer=True) == {
        "graph": "2,500 bytes, 4.0 times smaller than 10,000",
        "weights in 8 bits": "5,760 of 5,760",
        "scores near the limit": "1.23 % of the limit off, on average",
        "multiplied in whole numbers": "5,120 of 5,760 weights",
    }
    assert notes(LAYERS, _chosen("integer", "stored", size=2500), own, integer=True) == ()


def test_layers_that_were_left_and_little_gain_are_told(artifact: Artifact) -> None:
    own = replace(artifact, graph=bytes(10_000))
    assert notes(LAYERS, _chosen("stored", "float", size=8000), own, integer=True) == (
        "The graph is only 1.2 times smaller: most of it is no weights that may be rounded.",
        "Kept in single precision, because verdicts would turn otherwise: LSTM of 640 weights.",
        "No layer multiplies in whole numbers: scores would stray too far.",
    )
