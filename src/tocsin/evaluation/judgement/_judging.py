"""The parts of a judgement: metrics of one series, brought to several devices, and what chance alone reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.evaluation.events import EventRecall, event_recall
from tocsin.evaluation.judgement.agreement import Agreement, mean
from tocsin.evaluation.metrics import (
    AffiliationMetrics,
    EventMetrics,
    RangeMetrics,
    affiliation_metrics,
    event_metrics,
    flagged_runs,
    point_adjusted_f1_inflated,
    range_metrics,
)
from tocsin.evaluation.metrics import volumes as volumes_of_one
from tocsin.evaluation.metrics.points import NS_PER_DAY
from tocsin.evaluation.outcome import Outcome

CHANCES = 5
"""Random scores, and random sets of flags, whose mean stands for chance."""

MAX_WINDOW = 250
"""Readings: events that last longer make VUS's buffers no wider, unless somebody asks for it."""

_Kind = TypeVar("_Kind", bound=np.generic)
Matching = Callable[[BoolArray, BoolArray], RangeMetrics | AffiliationMetrics | None]


def runs_of(outcome: Outcome, flags: BoolArray) -> tuple[IntArray, IntArray]:
    """Return starts and stops of the runs of ``flags``, none of which reaches over two devices."""
    order = np.argsort(outcome.device, kind="stable")
    return flagged_runs(flags[order], outcome.device[order])


def event_count(scored: Outcome) -> int:
    """Return how many labelled events hold a scored reading."""
    return len(runs_of(scored, scored.labels)[0])


def days_of(outcome: Outcome) -> float | None:
    """Return the days from the first reading to the last; None without a clock or without readings."""
    if outcome.row_clock or not len(outcome):
        return None
    return (int(outcome.time.max()) - int(outcome.time.min())) / NS_PER_DAY


def typical_event(scored: Outcome) -> int:
    """Return the median length of a labelled event in scored readings, 250 at most; 1 where there is none."""
    starts, stops = runs_of(scored, scored.labels)
    return min(int(np.median(stops - starts)), MAX_WINDOW) if len(starts) else 1


def events_of(outcome: Outcome, flags: BoolArray) -> EventMetrics:
    """Return events against ``flags``, of all devices together."""
    return event_metrics(
        outcome.labels,
        flags,
        scored=outcome.scored,
        time=outcome.time,
        device=outcome.device,
        row_clock=outcome.row_clock,
    )


def kinds_of(outcome: Outcome, flags: BoolArray) -> tuple[EventRecall, ...] | None:
    """Return events caught by kind and size, or None where kinds are not known."""
    if outcome.kind is None or not (outcome.kind[outcome.labels] != "").any():
        return None
    return event_recall(
        outcome.labels, flags, scored=outcome.scored, kind=outcome.kind, size=outcome.size, device=outcome.device
    )


def volumes(scored: Outcome, window: int) -> tuple[float | None, float | None]:
    """Return VUS-ROC and VUS-PR, each the mean over the devices with labelled events."""
    found = [volumes_of_one(labels, score, window) for labels, score in _by_device(scored, scored.score)]
    return mean(one.roc for one in found if one), mean(one.pr for one in found if one)


def ranges_of(scored: Outcome) -> Agreement | None:
    """Return range-based precision, recall and F1 of the flags."""
    return _agreement(scored, scored.anomaly, range_metrics)


def affiliation_of(scored: Outcome) -> Agreement | None:
    """Return affiliation precision, recall and F1 of the flags."""
    return _agreement(scored, scored.anomaly, affiliation_metrics)


def inflated_of(scored: Outcome, flags: BoolArray) -> float | None:
    """Return the point-adjusted F1 of ``flags``, which flatters: mean over the devices with labelled events."""
    return mean(point_adjusted_f1_inflated(labels, own) for labels, own in _by_device(scored, flags))


def chance_of_score(scored: Outcome, window: int, *, seed: int) -> dict[str, float | None]:
    """Return what a random score reaches on the same labels, where that is not known beforehand."""
    random = np.random.default_rng(seed)
    drawn = [replace(scored, score=random.random(len(scored))) for _ in range(CHANCES)]
    return {"vus_pr": mean(volumes(one, window)[1] for one in drawn)}


def chance_of_flags(scored: Outcome, *, seed: int) -> dict[str, float | None]:
    """Return what random flags, as many as those of the outcome, reach on the same labels; and flagging everything."""
    random = np.random.default_rng(seed)
    drawn = [random.permutation(scored.anomaly) for _ in range(CHANCES)]
    base, rate = (float(flags.mean()) if len(scored) else 0.0 for flags in (scored.labels, scored.anomaly))
    near = [_agreement(scored, flags, affiliation_metrics) for flags in drawn]
    return {
        "f1": 2 * base * rate / (base + rate) if base else None,
        "f1_all_ones": 2 * base / (1 + base) if base else None,
        "affiliation_f1": mean(found.f1 for found in near if found),
        "point_adjusted_f1_inflated": mean(inflated_of(scored, flags) for flags in drawn),
    }


def _agreement(scored: Outcome, flags: BoolArray, matching: Matching) -> Agreement | None:
    found = [matching(labels, own) for labels, own in _by_device(scored, flags)]
    return Agreement.mean((one.precision, one.recall, one.f1) for one in found if one)


def _by_device(scored: Outcome, column: npt.NDArray[_Kind]) -> Iterator[tuple[BoolArray, npt.NDArray[_Kind]]]:
    """Yield labels and a column of each device that has labelled events, in order of time."""
    for device in np.unique(scored.device[scored.labels]):
        own = scored.device == device
        yield scored.labels[own], column[own]
