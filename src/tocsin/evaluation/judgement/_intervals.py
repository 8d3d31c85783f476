"""How far the figures of a judgement may lie from the truth: blocks of readings drawn anew, and events counted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tocsin.evaluation.judgement._judging import events_of, runs_of, volumes
from tocsin.evaluation.judgement._ranked_bootstrap import ranked_bootstrap
from tocsin.evaluation.metrics import COUNTED, Interval, bootstrap
from tocsin.evaluation.outcome import Outcome

LEVEL = 0.95
REPEATS = 200
"""Samples for figures that must be computed anew for each; the ratios of counts take 1,000."""

LONG = 50_000
"""Readings from which VUS gets no interval: it would take minutes."""

_Z = 1.959963984540054
"""The normal distribution's 97.5th percentile."""

Measure = Callable[[Outcome], float | None]


def intervals_of(outcome: Outcome, *, window: int, with_flags: bool, seed: int) -> dict[str, Interval]:
    """Return 95 % intervals by the names of :meth:`tocsin.evaluation.judgement.Judgement.flat`, where there are any.

    Figures that count readings: a bootstrap over blocks of readings that are longer than most events. Figures that
    count events or alarms: Wilson's interval, in which a dozen events leave a wide one, as they should.
    """
    slim = replace(outcome.take(outcome.scored), kind=None, size=None)
    block = block_of(slim)
    found = dict(
        zip(
            ("roc_auc", "auc_pr"),
            ranked_bootstrap(slim, block=block, seed=seed, level=LEVEL, repeats=REPEATS),
            strict=True,
        )
    )
    for name, (measure, repeats) in _measures(slim, window=window, with_flags=with_flags).items():
        found[name] = bootstrap(measure, slim, block=block, seed=seed, level=LEVEL, repeats=repeats)
    if with_flags:
        told = events_of(outcome, outcome.told)
        found["event_recall"] = wilson(told.caught, told.events)
        found["event_precision"] = wilson(told.alarms - told.false_alarms, told.alarms)
    return {name: interval for name, interval in found.items() if interval is not None}


def _measures(slim: Outcome, *, window: int, with_flags: bool) -> dict[str, tuple[Measure, int]]:
    found: dict[str, tuple[Measure, int]] = {}
    if len(slim) <= LONG:
        found["vus_pr"] = (lambda drawn: volumes(drawn, window)[1], REPEATS)
        found["vus_roc"] = (lambda drawn: volumes(drawn, window)[0], REPEATS)
    if with_flags:
        found |= {name: (measure, 1000) for name, measure in COUNTED.items()}
    return found


def block_of(scored: Outcome) -> int:
    """Return the readings in a block: twice as long as nine events in ten, and no more than a tenth of all."""
    starts, stops = runs_of(scored, scored.labels)
    long = float(np.quantile(stops - starts, 0.9)) if len(starts) else 1.0
    return max(1, min(math.ceil(2 * long), len(scored) // 10))


def wilson(hits: int, trials: int) -> Interval | None:
    """Return the interval of a share that was seen ``hits`` times in ``trials``; None without trials.

    Wilson 1927, "Probable inference, the law of succession, and statistical inference", JASA 22.

    >>> found = wilson(3, 4)
    >>> round(found.low, 2), round(found.high, 2)
    (0.3, 0.95)
    """
    if not trials:
        return None
    share, weight = hits / trials, _Z**2 / trials
    middle = (share + weight / 2) / (1 + weight)
    reach = _Z * math.sqrt(share * (1 - share) / trials + weight / (4 * trials)) / (1 + weight)
    return Interval(max(middle - reach, 0.0), min(middle + reach, 1.0), LEVEL)
