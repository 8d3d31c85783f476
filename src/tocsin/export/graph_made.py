"""Exports that ONNX Runtime runs: an artifact's file, or its bare graph, proven by running what is in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import SettingError
from tocsin.core.scores import Scores
from tocsin.export.flop import flop
from tocsin.export.metadata import with_metadata
from tocsin.export.parameters import parameters
from tocsin.export.sealed import opened, sealed
from tocsin.export.target import Made
from tocsin.graph.run import Runner
from tocsin.graph.versions import IR_VERSION, OPSET

ARTIFACT, GRAPH = ".tocsin", ".onnx"

_BARE = (
    "The graph scores windows, and no more: the readings before it must be gathered and held as the artifact does, and "
    "limit, hysteresis and cooldown behind it are the other program's. Its metadata say what they were.",
)


@dataclass(frozen=True, eq=False)
class GraphMade(Made):
    """An export whose first file holds a graph."""

    def score(self, windows: Float32Array) -> Scores:
        """Score windows with the graph in the file."""
        name, file = next(iter(self.files.items()))
        graph = opened(file).graph if PurePath(name).suffix == ARTIFACT else file
        return Runner(graph)(windows)


def graph_made(
    artifact: Artifact, *, name: str, facts: Mapping[str, str] | None = None, notes: tuple[str, ...] = ()
) -> GraphMade:
    """Return an artifact as one file: all of it where ``name`` ends in ``.tocsin``, its graph where in ``.onnx``.

    Parameters
    ----------
    artifact
        With the graph that shall be in the file.
    name
        File name, as the user wrote it.
    facts, notes
        What else is to be said.

    Raises
    ------
    SettingError
        If the name ends otherwise.
    """
    kind = PurePath(name).suffix.lower()
    if kind not in (ARTIFACT, GRAPH):
        raise SettingError(
            f"{name} ends neither in {ARTIFACT} nor in {GRAPH}.",
            remedy=f"Write {ARTIFACT} for an artifact, which tocsin runs everywhere, and {GRAPH} for its bare graph.",
        )
    bare = kind == GRAPH
    file = with_metadata(artifact.graph, artifact) if bare else sealed(artifact)
    told = {
        "parameters": f"{parameters(artifact.graph):,}",
        "FLOP per window": f"{flop(artifact.graph):,}",
        "graph": f"{len(artifact.graph):,} bytes",
        "opset": f"{OPSET}, format {IR_VERSION}",
    }
    return GraphMade({name: file}, {**told, **(facts or {})}, (*_BARE, *notes) if bare else notes)
