"""How far 8 bits are to reach: tried on windows that matter, since more is coarser, and less cuts strange values."""

from __future__ import annotations

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.program import Program
from tocsin.export.c.quantise import quantised
from tocsin.export.c.source import Arena, source
from tocsin.export.golden import golden
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner

CHOICES = (2.0, 1.1, 1.5, 3.0, 6.0)
"""Reaches to choose from, in that of normal windows; the first where none is better."""

_SEED = 1
"""Of the windows that it is chosen on, which are not those that the export is proven on."""


def fitted(program: Program, artifact: Artifact, normal: Float32Array, *, arena: Arena, margin: float) -> Program:
    """Return the program in 8 bits, with the reach that turns the fewest verdicts.

    Parameters
    ----------
    program
        In floating point.
    artifact
        What was trained.
    normal
        ndarray of shape (n, window, channels), float32: normal windows.
    arena
        Where scoring works.
    margin
        Verdicts within this share of the limit around it do not count.
    """
    windows, limit = golden(artifact, normal, seed=_SEED).windows, starting_limit(artifact)
    own = Runner(artifact.graph)(windows).score.astype(np.float64)
    found = []
    for place, reach in enumerate(CHOICES):
        tried = quantised(program, artifact.graph, normal=normal, headroom=reach)
        compiled = Compiled(source(artifact, tried, file="tried.c", arena=arena, precision="int8"))
        other = compiled(windows).score.astype(np.float64)
        found.append((_turned(own, other, limit=limit, margin=margin), place, tried))
    return min(found, key=lambda each: each[:2])[2]


def _turned(own: FloatArray, other: FloatArray, *, limit: float, margin: float) -> int:
    """Return how many verdicts differ that must not."""
    return int((((own > limit) != (other > limit)) & (np.abs(own - limit) > margin * abs(limit))).sum())
