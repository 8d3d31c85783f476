"""Recent scores, each with how many readings it stands for: from verdicts that a store kept, or from a scored table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status

ENOUGH_GAPS = 10
"""Pairs of ordinary verdicts from which it can be told how they were thinned out."""


@dataclass(frozen=True, eq=False)
class Recent:
    """Scores of late.

    Parameters
    ----------
    score, limit
        ndarrays of shape (n,), float64.
    time
        ndarray of shape (n,), int64: ns, or row numbers where rows are the clock.
    weight
        ndarray of shape (n,), float64: how many readings each stands for.
    """

    score: FloatArray
    limit: FloatArray
    time: IntArray
    weight: FloatArray

    def __len__(self) -> int:
        return len(self.score)

    @property
    def effective(self) -> float:
        """How many scores of equal weight would tell as much: (sum of weights)² / sum of squares (Kish, 1965)."""
        return float(self.weight.sum() ** 2 / (self.weight**2).sum()) if len(self) else 0.0

    @classmethod
    def of_table(cls, score: FloatArray, limit: FloatArray, time: IntArray) -> Recent:
        """Return the scores of a table; those that are missing are left out.

        >>> len(Recent.of_table(np.array([1.0, np.nan]), np.ones(2), np.arange(2)))
        1
        """
        own = np.isfinite(score)
        return cls(score[own], limit[own], time[own], np.ones(int(own.sum())))

    @classmethod
    def of_kept(cls, kept: Kept, *, period_ns: int) -> Recent:
        """Return the scores among verdicts that a watch kept, weighted so that they stand for all it gave.

        A watch keeps every verdict that is anomalous or was told, but of ordinary ones only one in a while (a minute,
        where nobody said otherwise). Taken as they are, they would show far too many anomalies. So an ordinary verdict
        stands for as many readings as fit between it and the next ordinary one of its device, in the median; where all
        are kept that is one. Which of them is kept depends on the clock alone, not on the score, so they are a fair
        sample.

        Parameters
        ----------
        kept
            Verdicts of one duty.
        period_ns
            Between two readings of a device.
        """
        own = np.flatnonzero((kept.status == Status.ok) & np.isfinite(kept.score))
        order = own[np.lexsort((kept.time[own], kept.device[own]))]
        score, limit = kept.score[order], kept.limit[order]
        device, time = kept.device[order], kept.time[order]
        ordinary = ~(score > limit) & (kept.incident[order] == NEVER)
        both = ordinary[1:] & ordinary[:-1] & (device[1:] == device[:-1])
        gaps = np.diff(time)[both]
        each = max(1.0, float(np.median(gaps)) / max(period_ns, 1)) if len(gaps) >= ENOUGH_GAPS else 1.0
        return cls(score, limit, time, np.where(ordinary, each, 1.0))
