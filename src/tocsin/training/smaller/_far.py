"""What a teacher does far from everything it has seen, where no network can be trusted to follow it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray
from tocsin.graph.run import Runner
from tocsin.training.smaller._sight import Sight

_BEYOND = 8.0
"""Deviations beyond the normal range at which the teacher is asked."""

_USUAL = 99.9
"""The normal range of a channel holds so many per cent of its values, and a deviation more on either side."""

_SURE = 2.0
"""Where the teacher rings far out, the student is to ring as if the score were so many times the limit."""

_QUIET = 0.25
"""A push of the whole window that adds no more of what a push of the last reading adds is not seen by the teacher."""

_LEAST = 0.05
"""A step that counts less than this share of the last reading does not count."""

_FEW = 8
"""Windows in which the steps are pushed one by one."""


class Beyond(NamedTuple):
    """How a score grows with the squared distance from the normal range: four ndarrays of shape (columns,)."""

    low: FloatArray
    """Where the normal range begins, in scaled units."""
    high: FloatArray
    """Where it ends."""
    down: FloatArray
    """What a squared distance below it adds to the score; 0 for columns that do not count."""
    up: FloatArray
    """What a squared distance above it adds."""


@dataclass(frozen=True, eq=False)
class Far:
    """What a teacher does far out. A column is taken apart: its mean in the window, and its departures from that.

    Parameters
    ----------
    departures
        What departures of single readings from the window's mean add.
    level
        What the window's mean adds.
    steps
        ndarray of shape (window,): how much each step's departures count, the last one 1.
    sees
        ndarray of shape (columns,), bool: does the teacher see the level at all?
    """

    departures: Beyond
    level: Beyond
    steps: FloatArray
    sees: BoolArray

    def over(self, unit: float) -> Far:
        """Return the same with weights for a score in other units."""
        departures, level = (
            each._replace(down=each.down / unit, up=each.up / unit) for each in (self.departures, self.level)
        )
        return Far(departures, level, self.steps, self.sees)


def probe(runner: Runner, raw: Float32Array, sight: Sight, *, limit: float, base: float = 0.0) -> Far:
    """Ask a teacher what it makes of values far from normal.

    Parameters
    ----------
    runner
        The teacher's graph.
    raw
        ndarray of shape (n, window, channels), float32: normal windows in raw units.
    sight
        How the student sees them.
    limit
        The teacher's limit.
    base
        The least of its scores.
    """
    seen = sight(raw)
    asked = _Asked(runner, raw, sight, np.minimum(2 * np.abs(seen).max(axis=(0, 1)) + _BEYOND, sight.clip))
    last, whole, rings, all_ring = np.zeros((4, 2, seen.shape[2]))
    for row, sign in enumerate((-1, 1)):
        for column in np.flatnonzero(sight.reach).tolist():
            last[row, column], rings[row, column] = asked(column, sign, step=slice(-1, None)), asked.rings(limit)
            whole[row, column], all_ring[row, column] = asked(column, sign, step=slice(None)), asked.rings(limit)
    sees = np.asarray((whole > _QUIET * last).any(axis=0) | ~(last > 0).any(axis=0))
    least = _SURE * (limit - base)
    level = seen.mean(axis=1)
    return Far(
        _beyond(seen - level[:, None], asked.distance, np.where(rings > 0, np.maximum(last, least), last)),
        _beyond(level, asked.distance, np.where(all_ring > 0, np.maximum(whole, least), whole) * sees),
        _steps(asked, last[1], seen.shape[1]),
        sees,
    )


def _beyond(normal: Float32Array, distance: FloatArray, added: FloatArray) -> Beyond:
    """Return the weights with which what a push to a ``distance`` was seen to add, below and above, is added again."""
    rows = normal.reshape(-1, normal.shape[-1])
    low, high = np.percentile(rows, [100 - _USUAL, _USUAL], axis=0) + np.array([[-1.0], [1.0]])
    weight = added / np.maximum(distance - np.stack([-low, high]), 1.0) ** 2
    return Beyond(low, high, weight[0], weight[1])


class _Asked:
    """Asks the teacher what a push to a distance adds to its score."""

    def __init__(self, runner: Runner, raw: Float32Array, sight: Sight, distance: FloatArray) -> None:
        self._runner, self._raw, self._sight = runner, raw, sight
        self._calm = runner(raw).score.astype(np.float64)
        self._score = self._calm
        self.distance = distance

    def __call__(self, column: int, sign: int, *, step: slice, some: int | None = None) -> float:
        """Return the median of what is added, at least 0."""
        pushed = self._raw[:some].copy()
        push = sign * self.distance[column] * self._sight.reach[column]
        pushed[:, step, self._sight.owner[column]] += np.float32(push)
        self._score = self._runner(pushed).score.astype(np.float64)
        return max(float(np.median(self._score - self._calm[:some])), 0.0)

    def rings(self, limit: float) -> bool:
        """Tell whether most of the windows that were asked about last ring."""
        return float(np.median(self._score)) > limit


def _steps(asked: _Asked, last: FloatArray, window: int) -> FloatArray:
    """Return how much a push of each step counts beside one of the last: the median over the columns."""
    which = np.flatnonzero(last).tolist()
    share = np.zeros(window)
    for step in range(window - 1 if len(which) else 0):
        at = slice(step, step + 1)
        share[step] = np.median([asked(column, 1, step=at, some=_FEW) / last[column] for column in which])
    share = np.where(share < _LEAST, 0, np.minimum(share, 1))
    share[-1] = 1
    return share
