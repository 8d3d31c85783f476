"""How far 8 bits are to reach: tried on windows that matter, since more is coarser, and less cuts strange values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.export.c.compiled import Compiled
from tocsin.export.c.program import Program
from tocsin.export.c.quantise import quantised
from tocsin.export.c.source import source
from tocsin.export.golden import golden
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner

CHOICES = (2.0, 1.1, 1.5, 3.0, 6.0, None)
"""Reaches to choose from, in that of normal windows; the first that turns no verdict. None cuts nothing: then only the
weights are rounded, which takes a floating point unit to be fast."""

_SEEDS = (1, 2, 3)
"""Of the windows that it is chosen on, which are not those that the export is proven on."""

_STRICTER = 0.5
"""The share of the margin beyond which a verdict must not turn here, so that the proof is met with room to spare."""


def fitted(
    program: Program, artifact: Artifact, normal: Float32Array, *, reaches: Sequence[float | None], margin: float
) -> tuple[Program, float | None]:
    """Return the program in 8 bits, and its reach: that which turns the fewest verdicts.

    Parameters
    ----------
    program
        In floating point.
    artifact
        What was trained.
    normal
        ndarray of shape (n, window, channels), float32: normal windows.
    reaches
        Those to try, of :data:`CHOICES`, in this order.
    margin
        Verdicts within this share of the limit around it may turn in the proof.
    """
    windows = np.concatenate([golden(artifact, normal, seed=seed).windows for seed in _SEEDS])
    limit = starting_limit(artifact)
    own = Runner(artifact.graph)(windows).score.astype(np.float64)
    found: list[tuple[int, int, Program]] = []
    for place, reach in enumerate(reaches):
        tried = quantised(program, artifact.graph, normal=normal, headroom=reach)
        compiled = Compiled(source(artifact, tried, file="tried.c", arena="stack", precision="int8"))
        other = compiled(windows).score.astype(np.float64)
        found.append((_turned(own, other, limit=limit, margin=_STRICTER * margin), place, tried))
        if not found[-1][0]:
            break
    _, place, best = min(found, key=lambda each: each[:2])
    return best, reaches[place]


def _turned(own: FloatArray, other: FloatArray, *, limit: float, margin: float) -> int:
    """Return how many verdicts differ that must not."""
    return int((((own > limit) != (other > limit)) & (np.abs(own - limit) > margin * abs(limit))).sum())
