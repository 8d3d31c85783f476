"""Bootstrap of the areas under curves without sorting anew: a sample is how often each reading was drawn."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.progress import report
from tocsin.evaluation.metrics import Interval
from tocsin.evaluation.outcome import Outcome


def ranked_bootstrap(
    scored: Outcome, *, block: int, seed: int, level: float, repeats: int
) -> tuple[Interval | None, Interval | None]:
    """Return the intervals of ROC-AUC and of the average precision.

    The samples are those that :func:`tocsin.evaluation.metrics.bootstrap` draws with the same seed, and so are the
    intervals; it takes a tenth of the time.

    Parameters
    ----------
    scored
        Readings with scores.
    block
        Readings in a block.
    seed, level, repeats
        As there.
    """
    if len(scored) < 2 * block:
        return None, None
    place = np.argsort(scored.device, kind="stable")
    order, last = _ranking(scored.score[place])
    positive = scored.labels[place][order]
    random = np.random.default_rng(seed)
    found = np.full((repeats, 2), np.nan)
    for k in range(repeats):
        drawn = _times_drawn(len(scored), block, random)[order]
        found[k] = _areas(np.cumsum(drawn * positive)[last], np.cumsum(drawn)[last])
        report("bootstrap", k + 1, repeats)
    return _interval(found[:, 0], level), _interval(found[:, 1], level)


def _ranking(score: FloatArray) -> tuple[IntArray, IntArray]:
    """Return the readings from the highest score down, and where each group of equal scores ends."""
    order = np.argsort(-score, kind="stable")
    return order, np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)


def _times_drawn(readings: int, block: int, random: np.random.Generator) -> IntArray:
    """Return how often each reading is in a sample of blocks, the last of which is cut to size."""
    blocks = -(-readings // block)
    starts = random.integers(0, readings - block + 1, blocks)
    stops = starts + block
    stops[-1] = starts[-1] + readings - (blocks - 1) * block
    steps = np.bincount(starts, minlength=readings + 1) - np.bincount(stops, minlength=readings + 1)
    return np.asarray(np.cumsum(steps)[:readings])


def _areas(hits: IntArray, flagged: IntArray) -> tuple[float, float]:
    """Return ROC-AUC and average precision from cumulative counts at each limit; NaN where one label is missing."""
    positives, negatives = hits[-1], flagged[-1] - hits[-1]
    if not positives:
        return np.nan, np.nan
    gained = np.diff(hits, prepend=0)
    precision = float(np.sum(gained * (hits / np.maximum(flagged, 1))) / positives)
    if not negatives:
        return np.nan, precision
    false = np.diff(flagged - hits, prepend=0)
    return float(np.sum(false * (2 * hits - gained)) / (2.0 * positives * negatives)), precision


def _interval(found: FloatArray, level: float) -> Interval | None:
    known = found[~np.isnan(found)]
    if 2 * len(known) <= len(found):
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)
