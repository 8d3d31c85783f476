"""How far a figure might lie from what longer watching would show: bootstrap over blocks of neighbouring readings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.progress import report
from tocsin.evaluation.metrics.counted import Counted
from tocsin.evaluation.outcome import Outcome

_DRAWS = 1 << 20
"""Blocks drawn at a time: what fits into a processor's cache and a small machine's memory."""


@dataclass(frozen=True)
class Interval:
    """Where a figure lies with the given confidence.

    Parameters
    ----------
    low, high
        Its ends, in the figure's own unit.
    level
        The confidence, such as .95.
    """

    low: float
    high: float
    level: float


def bootstrap(
    measure: Callable[[Outcome], float | None],
    outcome: Outcome,
    *,
    block: int,
    seed: int,
    level: float = 0.95,
    repeats: int = 1000,
) -> Interval | None:
    """Return the interval in which ``measure`` lies when the readings are drawn anew, in blocks.

    Neighbouring readings resemble each other, so single readings must not be drawn: the interval would be far too
    narrow. Whole blocks are drawn with replacement and put end to end (Künsch 1989, "The Jackknife and the Bootstrap
    for General Stationary Observations", Annals of Statistics 17(3)); the interval's ends are percentiles.

    Labels, scores and flags are drawn; times and devices keep their places, so that a rate per day stays one. Readings
    of one device follow those of another, and a block may span both. An event is cut where a block ends: measures of
    whole events want blocks much longer than an event.

    Parameters
    ----------
    measure
        Any function of an outcome. The ratios in :data:`~tocsin.evaluation.metrics.counted.COUNTED` take a
        fraction of a second; any other function is called ``repeats`` times.
    outcome
        What was said of the readings.
    block
        Readings in a block: the window's length or more, and best longer than most events.
    seed
        Seed of the draws: the same seed gives the same interval.
    level
        Confidence, above 0 and below 1.
    repeats
        Number of samples drawn.

    Returns
    -------
    Interval or None
        None where the readings do not fill two blocks, or where the measure is undefined for half of the samples or
        more: then there is too little to say.

    Raises
    ------
    ValueError
        If block, level or repeats are out of range.
    """
    if block < 1 or repeats < 1 or not 0 < level < 1:
        raise ValueError(f"block {block}, repeats {repeats}, level {level}: out of range")
    if len(outcome) < 2 * block:
        return None
    ordered = outcome.take(np.argsort(outcome.device, kind="stable"))
    random = np.random.default_rng(seed)
    if isinstance(measure, Counted):
        found = _counted(measure, ordered, block=block, repeats=repeats, random=random)
    else:
        found = _called(measure, ordered, block=block, repeats=repeats, random=random)
    known = found[~np.isnan(found)]
    if 2 * len(known) <= repeats:
        return None
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level)


def _called(
    measure: Callable[[Outcome], float | None],
    outcome: Outcome,
    *,
    block: int,
    repeats: int,
    random: np.random.Generator,
) -> FloatArray:
    found = np.full(repeats, np.nan)
    for k in range(repeats):
        value = measure(_drawn(outcome, block, random))
        found[k] = np.nan if value is None else value
        report("bootstrap", k + 1, repeats)
    return found


def _drawn(outcome: Outcome, block: int, random: np.random.Generator) -> Outcome:
    readings = len(outcome)
    starts = random.integers(0, readings - block + 1, _blocks(readings, block))
    index = (starts[:, None] + np.arange(block)).ravel()[:readings]
    return replace(outcome.take(index), time=outcome.time, device=outcome.device)


def _counted(
    measure: Counted, outcome: Outcome, *, block: int, repeats: int, random: np.random.Generator
) -> FloatArray:
    """Draw sums of blocks instead of blocks: a sample costs one number per block."""
    readings, blocks = len(outcome), _blocks(len(outcome), block)
    before = np.vstack([np.zeros((1, 4), np.int64), np.cumsum(measure.counts(outcome), axis=0)])
    rest = readings - (blocks - 1) * block
    last_start = random.integers(0, readings - block + 1, repeats)
    counts = before[last_start + rest] - before[last_start]
    whole = [np.ascontiguousarray(column) for column in (before[block:] - before[:-block]).T]
    for part, starts in _starts(len(whole[0]), blocks - 1, repeats, random):
        counts[part] += np.stack([column[starts].sum(axis=1) for column in whole], axis=1)
    return measure.ratio(counts.astype(np.float64))


def _starts(places: int, blocks: int, repeats: int, random: np.random.Generator) -> Iterator[tuple[slice, IntArray]]:
    """Yield the blocks drawn for some of the samples at a time, shape (samples, blocks)."""
    at_once = max(_DRAWS // blocks, 1)
    for first in range(0, repeats, at_once):
        amount = min(at_once, repeats - first)
        yield slice(first, first + amount), random.integers(0, places, (amount, blocks))


def _blocks(readings: int, block: int) -> int:
    return -(-readings // block)
