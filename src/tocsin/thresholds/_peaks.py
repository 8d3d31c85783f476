"""The tail of a reference's scores, and the limit that it puts where a stated share of them lies above."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.thresholds._above import just_above, midway
from tocsin.thresholds._clusters import clusters
from tocsin.thresholds._tail import fit_tail, tail_quantile


@dataclass(frozen=True, eq=False)
class Peaks:
    """Scores above a high level, with the tail they have.

    Parameters
    ----------
    scores
        How many there were, above the level or not.
    level
        Above it lies the tail; between two scores.
    excess
        ndarray of shape (n,), float64: how far scores exceed the level, in order of time.
    worth
        In how many clusters these come: so many independent excesses they are worth.
    scale, shape
        Of their generalised Pareto distribution; 0 where no tail can be seen.
    limit
        Above it lies the share asked for.
    """

    scores: int
    level: float
    excess: FloatArray
    worth: float
    scale: float
    shape: float
    limit: float

    @staticmethod
    def of(scores: FloatArray, *, tail: float, rate: float) -> Peaks:
        """Return the tail that holds a share ``tail`` of the scores, and the limit that a share ``rate`` exceeds.

        Examples
        --------
        >>> scores = np.random.default_rng(0).exponential(size=100_000)
        >>> peaks = Peaks.of(scores, tail=0.02, rate=1e-4)
        >>> round(peaks.level, 1), round(peaks.scale, 1), round(float(peaks.limit / np.log(1e4)), 1)
        (3.9, 1.0, 1.0)
        """
        level = midway(np.sort(scores), max(math.ceil((1 - tail) * len(scores) - 1e-9) - 1, 0))
        places = np.flatnonzero(scores > level)
        excess, worth = scores[places] - level, clusters(places)
        scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_), worth=worth) if len(excess) else (0.0, 0.0)
        if not scale > 0:
            return Peaks(len(scores), level, excess, worth, 0.0, 0.0, just_above(float(scores.max())))
        share = min(rate * len(scores) / len(excess), 1.0)
        return Peaks(len(scores), level, excess, worth, scale, shape, level + tail_quantile(scale, shape, share))

    def spread(self, count: int) -> FloatArray:
        """Return that many of the excesses, from the whole of the time; all where there are fewer."""
        count = min(count, len(self.excess))
        return (
            self.excess[np.linspace(0, len(self.excess) - 1, count).round().astype(np.int64)] if count else np.zeros(0)
        )
