"""NAB's score: what early warnings are worth and false ones cost, over a whole corpus, with one threshold for all.

The threshold is the best one for the labels of the corpus itself, so the score says what a detector could reach, not
what its own limit does. NAB is defined like that; figures frozen before the labels were seen belong beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.metrics.points import flagged_runs

PROFILES: Mapping[str, tuple[float, float, float]] = {
    "standard": (1.0, 0.11, 1.0),
    "reward_low_FP_rate": (1.0, 0.22, 1.0),
    "reward_low_FN_rate": (1.0, 0.11, 2.0),
}
"""What a window found at once is worth, what a false alarm costs, and what a missed window costs, by profile."""

NO_ALARM = 1.1
"""The threshold that no score reaches; scores lie in [0, 1]."""

_FAR = 3.0
"""A false alarm this many window lengths behind the last window, or before any, costs the whole."""


@dataclass(frozen=True)
class NabScore:
    """What a corpus of scores is worth to one profile.

    Parameters
    ----------
    score
        100 for one alarm at the first reading of each window, 0 for no alarm at all; below 0 is possible at a given
        threshold, not at the best one.
    threshold
        Readings that score this or more are alarms.
    raw
        The sum before it is put on that scale.
    windows
        Windows that are judged: those with a reading behind the probation.
    by_file
        Each file's part of ``raw``, in order.

    Examples
    --------
    >>> labels = np.zeros(40, bool); labels[20:30] = True
    >>> early = np.zeros(40); early[20] = 0.9
    >>> nab_score([labels], [early]).score
    100.0
    """

    score: float
    threshold: float
    raw: float
    windows: int
    by_file: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class _Stakes:
    """What each judged reading of the corpus changes when it becomes an alarm."""

    scores: FloatArray
    worth: FloatArray  # inside a window: what the window is worth if this is its first alarm; outside: the cost
    window: IntArray  # numbered through the corpus, -1 outside
    file: IntArray
    home: IntArray  # the file of each window


def nab_score(labels: Sequence[BoolArray], scores: Sequence[FloatArray], *, profile: str = "standard") -> NabScore:
    """Return NAB's score with the threshold that is best for the whole corpus, found among all scores there are.

    Lavin & Ahmad 2015, "Evaluating real-time anomaly detection algorithms: the Numenta Anomaly Benchmark", with the
    rules of the repository numenta/NAB: a window counts by its earliest alarm, a false alarm costs more the further it
    lies behind the last window, and :func:`probation` readings of each file count for nothing.

    Parameters
    ----------
    labels
        For each file an ndarray of shape (n,), bool: does the reading lie in a window? Windows must not touch.
    scores
        For each file an ndarray of shape (n,), float64, in [0, 1]: higher is stranger.
    profile
        One of :data:`PROFILES`.

    Raises
    ------
    ValueError
        If shapes differ, a score is NaN or outside [0, 1], or the corpus holds no window.
    """
    stakes = _stakes(labels, scores, profile)
    order = np.argsort(-stakes.scores, kind="stable")
    gain = _gains(stakes, order, PROFILES[profile][2])
    total = np.concatenate([[0.0], np.cumsum(gain[order])])
    ranked = stakes.scores[order]
    # a threshold lets in all readings of one score together
    allowed = np.concatenate([[True], ranked[1:] != ranked[:-1], [True]]) if len(ranked) else np.array([True])
    cut = int(np.argmax(np.where(allowed, total, -np.inf)))
    return _sealed(stakes, profile, float(ranked[cut - 1]) if cut else NO_ALARM)


def nab_score_at(
    labels: Sequence[BoolArray], scores: Sequence[FloatArray], threshold: float, *, profile: str = "standard"
) -> NabScore:
    """Return NAB's score at a given threshold; for the rest see :func:`nab_score`."""
    return _sealed(_stakes(labels, scores, profile), profile, threshold)


def probation(rows: int) -> int:
    """Return how many readings at the beginning of a file are not judged: 15 %, at most 750.

    >>> probation(4032), probation(22695)
    (604, 750)
    """
    return min(rows * 15 // 100, 750)


def _stakes(labels: Sequence[BoolArray], scores: Sequence[FloatArray], profile: str) -> _Stakes:
    if profile not in PROFILES:
        raise ValueError(f"there is no profile {profile!r}; there are {', '.join(PROFILES)}")
    if len(labels) != len(scores):
        raise ValueError(f"labels of {len(labels)} files, scores of {len(scores)}")
    pieces = [_of_file(truth, score, profile) for truth, score in zip(labels, scores, strict=True)]
    found = [int(window.max(initial=-1)) + 1 for _, _, window in pieces]
    if not sum(found):
        raise ValueError("no file holds a window that can be judged")
    before = np.concatenate([[0], np.cumsum(found)[:-1]])
    files = np.arange(len(pieces))
    return _Stakes(
        np.concatenate([score for score, _, _ in pieces]),
        np.concatenate([worth for _, worth, _ in pieces]),
        np.concatenate([np.where(w >= 0, w + b, -1) for (_, _, w), b in zip(pieces, before, strict=True)]),
        np.repeat(files, [len(score) for score, _, _ in pieces]),
        np.repeat(files, found),
    )


def _of_file(labels: BoolArray, scores: FloatArray, profile: str) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return score, worth and window of each judged reading of one file."""
    if labels.shape != scores.shape:
        raise ValueError(f"labels have shape {labels.shape}, scores have shape {scores.shape}")
    if len(scores) and not (scores.min() >= 0 and scores.max() <= 1):
        raise ValueError("scores must lie in [0, 1] and none may be NaN")
    from_row = probation(len(labels))
    first, stop = flagged_runs(labels, np.zeros(len(labels), np.int64))
    worth = _worth(labels, first, stop, profile)
    window = np.where(labels, np.searchsorted(first, np.arange(len(labels)), side="right") - 1, -1)
    judged = window[from_row:]
    # windows that lie wholly in the probation are not counted
    skipped = int(np.count_nonzero(stop <= from_row))
    return scores[from_row:].astype(np.float64), worth[from_row:], np.where(judged >= 0, judged - skipped, -1)


def _worth(labels: BoolArray, first: IntArray, stop: IntArray, profile: str) -> FloatArray:
    """Return what an alarm at each reading is worth: a scaled sigmoid of its place in, or behind, the last window."""
    hit, false, _ = PROFILES[profile]
    if not len(first):
        return np.full(len(labels), -false)
    row = np.arange(len(labels))
    latest = np.searchsorted(first, row, side="right") - 1
    known = np.maximum(latest, 0)
    length = (stop - first)[known]
    inside = (row - stop[known]) / length
    behind = (row - stop[known] + 1) / np.maximum(length - 1, 1)
    outside = np.where((latest < 0) | (behind >= _FAR), -1.0, _sigmoid(np.clip(behind, 0, _FAR)))
    best = float(_sigmoid(np.array(-1.0)))
    return np.where(labels, hit * _sigmoid(np.where(labels, inside, 0.0)) / best, false * outside)


def _sigmoid(place: FloatArray) -> FloatArray:
    """Return 2 / (1 + e^(5·place)) − 1: near 1 at a window's first reading, 0 at its end, −1 far behind it."""
    return np.asarray(2 / (1 + np.exp(5 * place)) - 1)


def _gains(stakes: _Stakes, order: IntArray, miss: float) -> FloatArray:
    """Return by how much the corpus gains when each reading becomes an alarm, after all readings that rank above it."""
    gain = np.where(stakes.window < 0, stakes.worth, 0.0)
    ranked = order[stakes.window[order] >= 0]
    ranked = ranked[np.argsort(stakes.window[ranked], kind="stable")]
    window = stakes.window[ranked]
    # within a window the earliest alarm counts, and rows number backwards in time: the greatest so far is a running
    # maximum that starts anew in each window because later windows have greater keys
    rows = np.int64(len(stakes.scores))
    earliest = np.maximum.accumulate(window * rows + (rows - 1 - ranked))
    worth = stakes.worth[rows - 1 - earliest % rows]
    opens = np.concatenate([[True], window[1:] != window[:-1]])
    gain[ranked] = np.where(opens, worth + miss, worth - np.concatenate([[0.0], worth[:-1]]))
    return gain


def _sealed(stakes: _Stakes, profile: str, threshold: float) -> NabScore:
    hit, _, miss = PROFILES[profile]
    windows, files = len(stakes.home), int(stakes.file.max(initial=-1)) + 1
    alarm = stakes.scores >= threshold
    false = alarm & (stakes.window < 0)
    best = np.full(windows, -miss)
    found = alarm & ~false
    np.maximum.at(best, stakes.window[found], stakes.worth[found])
    by_file = np.bincount(stakes.file[false], stakes.worth[false], files) + np.bincount(stakes.home, best, files)
    raw, null = float(by_file.sum()), -miss * windows
    return NabScore(100 * (raw - null) / (hit * windows - null), threshold, raw, windows, tuple(by_file.tolist()))
