"""What rounding has to pass while it is made: stricter than the promise, on other windows than the proof will ask."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.export._apart import apart
from tocsin.export.golden import golden
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner

STORED = 0.02
"""Mean difference, as a share of the limit, that scores near it may have: at twice as much, one normal verdict in a
thousand turned on the simulated room, and at half as much two in ten thousand."""

INTEGER = 0.005
"""The same where layers multiply in whole numbers: these cut off what lies outside of all that they were calibrated on,
which shows on readings of later days alone."""

_SEEDS = (101, 202)
"""Faults of other chance than those of the proof."""


class Harm(NamedTuple):
    """What rounding does to scores; the greater, the worse."""

    turned: int
    """Verdicts that differ although the score lies outside half the margin."""
    typical: float
    """Mean difference of the scores near the limit, as a share of it."""


class Exam:
    """Windows that an artifact has scored, for rounded graphs to score again.

    Parameters
    ----------
    artifact
        What is to be rounded.
    normal
        ndarray of shape (n, window, channels), float32: normal windows.
    margin
        Of the promise.
    """

    def __init__(self, artifact: Artifact, normal: Float32Array, *, margin: float) -> None:
        self.windows = np.concatenate([golden(artifact, normal, seed=seed).windows for seed in _SEEDS])
        self._limit = starting_limit(artifact)
        self._own = self._score(artifact.graph)
        off = apart(self._own, np.full_like(self._own, self._limit), scale=np.full_like(self._own, abs(self._limit)))
        self._outside, self._near = off > margin / 2, (self._own > self._limit / 2) & (self._own < 2 * self._limit)

    def harm(self, graph: bytes) -> Harm:
        """Return what became of the scores."""
        other = self._score(graph)
        turned = ((self._own > self._limit) != (other > self._limit)) & self._outside
        moved = apart(self._own, other, scale=np.full_like(self._own, abs(self._limit)))[self._near]
        return Harm(int(turned.sum()), float(moved.mean()) if len(moved) else 0.0)

    def _score(self, graph: bytes) -> FloatArray:
        return Runner(graph)(self.windows).score.astype(np.float64)
