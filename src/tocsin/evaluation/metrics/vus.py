"""Volume under the surface: AUCs that forgive scores which are some readings early or late, averaged over how many.

A labelled segment is widened by a buffer on either side, in which the label falls off as a square root. One ROC and one
precision-recall curve are drawn for each width of the buffers from 0 up to a window, and their areas are averaged.

Done plainly, that is a pass over all readings for each width and threshold. Here each reading is looked at once: it
falls into a cell (distance to its segment, first threshold that flags it), and what the curves need are sums of cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.metrics._given import given_scores
from tocsin.evaluation.metrics.points import flagged_runs

LEVELS = 250
"""Thresholds on each curve, evenly spaced by rank from the highest score to the lowest."""
_NOWHERE = 1 << 40


@dataclass(frozen=True)
class Volumes:
    """Both volumes, to be read beside a random score's on the same labels.

    Chance reaches more than the .5 and the base rate of plain areas, since buffers widen the events: with events of 100
    readings and a window of 100, .6 of ``roc`` and 1.4 times the base rate of ``pr``; with many events far shorter than
    the window, .9 of ``roc`` and .5 of ``pr``.

    Parameters
    ----------
    roc
        Volume under the surface of ROC curves, from 0 to 1.
    pr
        Volume under the surface of precision-recall curves, from 0 to 1.
    """

    roc: float
    pr: float


def vus_pr(labels: npt.ArrayLike, scores: npt.ArrayLike, window: int) -> float | None:
    """Return the volume under the precision-recall surface; see :func:`volumes`.

    >>> round(vus_pr([0, 0, 1, 1, 0, 0, 0, 0], [1, 2, 4, 8, 6, 1, 5, 2], 2), 3)
    0.793
    """
    found = volumes(labels, scores, window)
    return None if found is None else found.pr


def vus_roc(labels: npt.ArrayLike, scores: npt.ArrayLike, window: int) -> float | None:
    """Return the volume under the ROC surface; see :func:`volumes`.

    >>> round(vus_roc([0, 0, 1, 1, 0, 0, 0, 0], [1, 2, 4, 8, 6, 1, 5, 2], 2), 3)
    0.866
    """
    found = volumes(labels, scores, window)
    return None if found is None else found.roc


def volumes(labels: npt.ArrayLike, scores: npt.ArrayLike, window: int) -> Volumes | None:
    """Return VUS-ROC and VUS-PR at the cost of one.

    The rules are those of Paparrizos et al. 2022 ("Volume Under the Surface: A New Accuracy Evaluation Measure for
    Time-Series Anomaly Detection", PVLDB 15(11)) with the choices of the TSB-AD benchmark, so that figures can stand
    beside its published ones: 250 thresholds spaced by rank; a buffer of width w adds the label √(1 − d/w) to readings
    d ≤ w/2 away from a segment, summed where two buffers meet and cut off at 1; recall is multiplied by the share of
    the widened segments in which anything is flagged; of a buffer, half of what is flagged counts among the positives;
    the area under precision and recall is step-wise.

    Parameters
    ----------
    labels
        Array of shape (n,), bool or 0 and 1: readings of one device in order of time.
    scores
        Array of shape (n,), finite; higher is stranger. Only their order matters.
    window
        The widest buffer, in readings, 0 or more; TSB-AD takes the series' period
        (:func:`~tocsin.evaluation.metrics.dominant_period`). At 0 the labels are taken as they are.

    Returns
    -------
    Volumes or None
        None where no reading is labelled or all are: then there is nothing to tell apart.

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN or infinite, or the window is negative.
    """
    truth, score = given_scores(labels, scores)
    if window < 0:
        raise ValueError(f"a window of {window} readings: it cannot be negative")
    if not truth.any() or truth.all():
        return None
    limits, flagged = _limits(score)
    starts, stops = flagged_runs(truth, np.zeros(len(truth), np.int64))
    level = _levels(score, limits, _near(len(truth), starts, stops, window // 2))
    hits = np.cumsum(np.bincount(level[truth], minlength=LEVELS))
    buffered = _buffered(truth, level, starts, stops, window=window)
    seen = _seen(level, starts, stops, window // 2)[np.arange(window + 1) // 2]
    return _areas(hits + buffered, buffered, seen, flagged, labelled=int(hits[-1]), readings=len(truth))


def _areas(
    caught: FloatArray, buffered: FloatArray, seen: FloatArray, flagged: IntArray, *, labelled: int, readings: int
) -> Volumes:
    """Return the mean areas under the curves of all widths, arrays of shape (window + 1, LEVELS)."""
    positives = labelled + buffered / 2
    recall = np.minimum(caught / positives, 1) * seen
    false = (flagged - caught) / (readings - positives)
    steps = np.diff(recall, axis=1, prepend=0)
    pr = np.sum(steps * caught / flagged, axis=1)
    across = np.diff(false, axis=1, prepend=0, append=1)
    height = np.pad(recall, ((0, 0), (1, 0))) + np.pad(recall, ((0, 0), (0, 1)), constant_values=1)
    roc = np.sum(across * height, axis=1) / 2
    return Volumes(float(roc.mean()), float(pr.mean()))


def _limits(score: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the thresholds from high to low, and how many readings reach each."""
    ordered = np.sort(score)
    at = np.linspace(0, len(score) - 1, LEVELS).astype(np.int64)
    limits = ordered[::-1][at]
    return limits, len(score) - np.searchsorted(ordered, limits, side="left")


def _near(readings: int, starts: IntArray, stops: IntArray, reach: int) -> BoolArray:
    """Return which readings lie in a segment or up to ``reach`` away from one."""
    opened = np.bincount(np.maximum(starts - reach, 0), minlength=readings + 1)
    closed = np.bincount(np.minimum(stops + reach, readings), minlength=readings + 1)
    return np.asarray(np.cumsum(opened - closed)[:readings] > 0)


def _levels(score: FloatArray, limits: FloatArray, near: BoolArray) -> IntArray:
    """Return the first threshold that flags each reading that is near a segment, LEVELS for all others."""
    level = np.full(len(score), LEVELS, np.int64)
    level[near] = np.searchsorted(-limits, -score[near], side="left")
    return level


def _buffered(truth: BoolArray, level: IntArray, starts: IntArray, stops: IntArray, *, window: int) -> FloatArray:
    """Return the sum of the buffers' labels over the flagged readings, shape (window + 1, LEVELS).

    A buffer ends where its label has fallen to √½: two that meet add up to more than 1. So a reading is either in one
    buffer, or simply positive.
    """
    reach = window // 2
    total = np.zeros((window + 1, LEVELS))
    around = np.flatnonzero((level < LEVELS) & ~truth)
    nearest, second = _distances(around, starts, stops)
    here = level[around]
    cell = (nearest - 1) * LEVELS + here
    alone = np.bincount(cell, minlength=reach * LEVELS).reshape(reach, LEVELS)
    shared = np.zeros(LEVELS, np.int64)
    order = np.argsort(second, kind="stable")
    edges = np.searchsorted(second[order], np.arange(reach + 2))
    for far in range(1, reach + 1):
        met = order[edges[far] : edges[far + 1]]
        if len(met):
            alone -= np.bincount(cell[met], minlength=reach * LEVELS).reshape(reach, LEVELS)
            shared += np.bincount(here[met], minlength=LEVELS)
        widths = np.arange(2 * far, min(2 * far + 1, window) + 1)
        label = np.sqrt(1 - np.arange(1, far + 1) / widths[:, None])
        total[widths] = label @ alone[:far] + shared
    return np.cumsum(total, axis=1)


def _distances(place: IntArray, starts: IntArray, stops: IntArray) -> tuple[IntArray, IntArray]:
    """Return how far the nearest and the second nearest segment are from readings outside of all segments."""
    ends = np.concatenate([[-_NOWHERE, -_NOWHERE], stops - 1])
    heads = np.concatenate([starts, [_NOWHERE, _NOWHERE]])
    after = np.searchsorted(starts, place)
    away = [place - ends[after + 1], place - ends[after], heads[after] - place, heads[after + 1] - place]
    nearest, second, *_ = np.sort(np.stack(away), axis=0)
    return nearest, second


def _seen(level: IntArray, starts: IntArray, stops: IntArray, reach: int) -> FloatArray:
    """Return the share of the widened segments in which anything is flagged, shape (reach + 1, LEVELS).

    Segments whose buffers overlap are one.
    """
    lowest = _lowest(level, starts, stops, reach)
    apart = starts[1:] - stops[:-1] + 1
    share = np.empty((reach + 1, LEVELS))
    for far in range(reach + 1):
        heads = np.concatenate([[0], np.flatnonzero(apart > 2 * far) + 1])
        first = np.minimum.reduceat(lowest[far], heads)
        share[far] = np.cumsum(np.bincount(first, minlength=LEVELS)) / len(heads)
    return share


def _lowest(level: IntArray, starts: IntArray, stops: IntArray, reach: int) -> IntArray:
    """Return the first threshold that flags anything in each segment or up to k away, shape (reach + 1, segments)."""
    around = np.pad(level, (reach, reach + 1), constant_values=LEVELS)
    steps = np.arange(1, reach + 1)[:, None]
    inside = np.minimum.reduceat(around, reach + np.stack([starts, stops], axis=1).ravel())[::2]
    beside = np.minimum(around[reach + starts - steps], around[reach + stops - 1 + steps])
    return np.minimum.accumulate(np.vstack([inside, beside]), axis=0)
