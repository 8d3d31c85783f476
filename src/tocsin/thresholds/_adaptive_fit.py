"""Finding an adaptive limit: the very law that is to be used goes through the reference, until its rate is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.blocks import blocks
from tocsin.core.progress import report
from tocsin.core.reference import Reference
from tocsin.thresholds._adaptive_law import APART, FAR, PIECES, Law
from tocsin.thresholds._adaptive_limits import AdaptiveLimits
from tocsin.thresholds._adaptive_run import NOTICED, Run
from tocsin.thresholds._adaptive_tail import beyond

_ROUNDS, _CLOSE = 12, 2e-3
"""The reach is looked for in no more rounds than these, or until it is known to this share; three or four are usual."""

_QUIET = 0.1
"""Share of the reference's spread below which a device's spread is never taken to be."""

_LEAST = 1e-12
"""The least spread, where scores neither differ nor lie away from 0."""

_WILD = 10
"""Steps count as no greater than so many spreads."""


@dataclass(frozen=True)
class Gone:
    """What limits make of the reference that they were found from.

    Parameters
    ----------
    scores, above
        How many scores there are, and how many lie above the limit in force.
    levels
        How often a new level is noticed.
    farther
        How far above the mean the limit lies in the middle, ÷ how far one lies that stands still and has the same rate.
    """

    scores: int
    above: int
    levels: int
    farther: float


@dataclass(frozen=True, eq=False)
class Search:
    """The scores of a reference, device by device, to be gone through.

    Parameters
    ----------
    series
        For each device its scores in order of time, an ndarray of shape (n,), float64.
    rate
        Share of them that may lie above the limit.
    """

    series: tuple[FloatArray, ...]
    rate: float

    @staticmethod
    def of(reference: Reference, rate: float) -> Search:
        """Return the search among the scores of a reference."""
        score = np.clip(reference.score, -FAR, FAR)
        series = []
        for block in blocks(reference.device):
            series += [score[rows[valid]] for rows, valid in zip(block.rows, block.valid, strict=True)]
        return Search(tuple(series), rate)

    def law(self, *, window: int, patience: int, moving: bool, rebaseline: bool) -> Law:
        """Return the law whose reach the asked share of the reference exceeds when it is gone through with that reach.

        The farther it reaches, the more it learns from, the wider the spread is, and the less far a share of the scores
        lies in spreads: so there is one such reach, above what learning from everything finds, and below what is found
        with that.
        """
        law = self._first(window, patience, moving=moving, rebaseline=rebaseline)
        low = self._asked(law)
        high = self._asked(replace(law, reach=low))
        for done in range(_ROUNDS):
            report("finding the limit", done, _ROUNDS)
            middle = (low + high) / 2
            if high - low <= _CLOSE * high:
                break
            found = self._asked(replace(law, reach=middle))
            low, high = (max(low, middle), min(high, found)) if found > middle else (max(low, found), min(high, middle))
        report("finding the limit", _ROUNDS, _ROUNDS)
        return replace(law, reach=(low + high) / 2)

    def gone(self, limits: AdaptiveLimits) -> Gone:
        """Go through the reference with limits, as a new device would be gone through."""
        bounds = [limits.scan(limits.init(1), own[None], np.ones((1, len(own)), np.bool_))[1] for own in self.series]
        score, limit = np.concatenate(self.series), np.concatenate([each.limit[0] for each in bounds])
        usual, still = float(score.mean()), float(np.quantile(score, 1 - self.rate))
        return Gone(
            scores=len(score),
            above=int((score > limit).sum()),
            levels=sum(int((each.regime == NOTICED).sum()) for each in bounds),
            farther=(float(np.median(limit)) - usual) / max(still - usual, APART * abs(usual), _LEAST),
        )

    def _first(self, window: int, patience: int, *, moving: bool, rebaseline: bool) -> Law:
        """Return a law that reaches too far for anything to be above it."""
        score = np.concatenate(self.series)
        centre = float(_usual(score, self.rate).mean())
        away = np.concatenate([_away(own, window // PIECES) for own in self.series])
        spread = float(_usual(away, self.rate).mean())
        least = max(spread, APART * abs(centre), _LEAST)
        steps = np.minimum(np.concatenate([np.abs(np.diff(own)) for own in self.series]), _WILD * least)
        return Law(
            centre=centre,
            spread=least,
            reach=1e6,
            floor=max(_QUIET * spread, _LEAST),
            roughness=float(steps.mean()) / least if len(steps) else 0.0,
            window=window,
            patience=patience,
            moving=moving,
            rebaseline=rebaseline,
        )

    def _asked(self, law: Law) -> float:
        """Return the reach that the asked share exceeds, 1 at least, when a law goes through the reference."""
        distances = [distance for own in self.series for distance in _distances(law, own)]
        return max(beyond(np.array(distances), self.rate), 1.0)


def _usual(values: FloatArray, rate: float) -> FloatArray:
    """Return the values without the greatest, of which it takes a few only to move a mean."""
    return np.asarray(values[values <= np.quantile(values, 1 - rate)])


def _away(series: FloatArray, piece: int) -> FloatArray:
    """Return how far the scores of each piece lie from the mean of the piece before; else, from that of all."""
    pieces = len(series) // piece
    if pieces < 2:
        return np.asarray(np.abs(series - series.mean()))
    cut = series[: pieces * piece].reshape(pieces, piece)
    return np.asarray(np.abs(cut[1:] - cut[:-1].mean(axis=1, keepdims=True)).ravel())


def _distances(law: Law, series: FloatArray) -> Iterator[float]:
    """Yield how many spreads above the centre each score lies when a law goes through a device's.

    It goes through some of them once before, because devices differ, and this one's level would not be new for long.
    """
    run = Run(law)
    run.load(AdaptiveLimits(law).init(1), 0)
    scores = series.tolist()
    for score in scores[: law.window]:
        run.take(score)
    for score in scores:
        yield (score - run.centre) / run.spread
        run.take(score)
