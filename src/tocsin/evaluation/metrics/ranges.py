"""Range-based precision and recall: how much of each event was flagged, in how many pieces, and whether at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.metrics._f1 import harmonic
from tocsin.evaluation.metrics._given import given_flags
from tocsin.evaluation.metrics.points import flagged_runs

EXISTENCE = 0.2
"""Weight of having flagged anything of an event at all; the rest goes to how much of it was flagged."""


@dataclass(frozen=True)
class RangeMetrics:
    """Range-based precision and recall, from 0 to 1.

    Parameters
    ----------
    precision
        Mean over the flagged runs of the share of each that is labelled; None where nothing was flagged.
    recall
        Mean over the events of what each earned; None where there are none.
    """

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None where nothing is labelled and nothing flagged."""
        return harmonic(self.precision, self.recall)


def range_metrics(labels: npt.ArrayLike, flagged: npt.ArrayLike) -> RangeMetrics:
    """Return range-based precision and recall, with the settings that published tables use.

    Each event earns .2 for having been touched, and .8 times the share of it that was flagged, divided by the number of
    flagged runs that touch it; each flagged run earns the share of it that is labelled, divided by the number of events
    it touches. Early and late readings weigh the same. Tatbul et al. 2018, "Precision and Recall for Time Series"
    (NeurIPS), with flat bias, cardinality factor 1/x, α = .2 for recall and 0 for precision, as TSB-AD has it. Its
    package returns 0 where everything is flagged or everything labelled; here that is a run like any other.

    Parameters
    ----------
    labels, flagged
        Arrays of shape (n,), bool: readings of one device in order of time.

    Raises
    ------
    ValueError
        If shapes differ.

    Examples
    --------
    >>> found = range_metrics([0, 1, 1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 0, 1, 0])
    >>> round(found.precision, 3), found.recall
    (0.667, 0.4)
    """
    truth, said = given_flags(labels, flagged)
    touched, overlap = _overlap(truth, said)
    _, matched = _overlap(said, truth)
    recall = EXISTENCE * (touched > 0) + (1 - EXISTENCE) * overlap
    return RangeMetrics(_mean(matched), _mean(recall))


def _overlap(runs: BoolArray, others: BoolArray) -> tuple[IntArray, FloatArray]:
    """Return how many of the other runs each run touches, and the share of it they cover divided by that number."""
    whole = np.zeros(len(runs), np.int64)
    starts, stops = flagged_runs(runs, whole)
    heads, tails = flagged_runs(others, whole)
    touched = np.searchsorted(heads, stops) - np.searchsorted(tails, starts, side="right")
    before = np.concatenate([[0], np.cumsum(others)])
    share = (before[stops] - before[starts]) / (stops - starts)
    return touched, share / np.maximum(touched, 1)


def _mean(earned: FloatArray) -> float | None:
    return float(earned.mean()) if len(earned) else None
