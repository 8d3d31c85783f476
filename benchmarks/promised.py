"""One case of a benchmark: a detector learns once, thresholds make their promises, later readings tell what they held.

Used by limits.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.artifact.calibration import Calibration
from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scored import Scored
from tocsin.evaluation.guards import check_split
from tocsin.evaluation.metrics import event_metrics, flagged_runs
from tocsin.evaluation.metrics.points import NS_PER_DAY
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table
from tocsin.training.benchmark import Benchmark, Case
from tocsin.training.fit import train
from tocsin.training.lab.trial import reach_of
from tocsin.training.recalibrate import recalibrate, threshold_of
from tocsin.training.recipe import Recipe
from tocsin.training.settle import settle

RATE = 0.005
"""Share of normal readings above the limit that those thresholds promise which promise one."""

FACTOR = 1.9
"""A promised rate counts as kept up to this multiple: a stretch of readings is a sample, and not the truth."""

PLENTY = 2.5
"""Of the budget that is made to measure, the reference holds so many stretches: had it no false alarm at all, the upper
bound at 90 % would be 2.3 in a reference."""


@dataclass(frozen=True)
class Promise:
    """A threshold with what it promises: a share of normal readings, or one false alarm in a stretch of them.

    Parameters
    ----------
    name
        On the page.
    written
        The threshold; ``{readings}`` stands for the number that suits a case's reference.
    rate
        Of normal readings; None for a budget.
    days
        One false alarm per device in so many of them; None where the stretch is told in readings.
    """

    name: str
    written: str
    rate: float | None = None
    days: float | None = None

    @property
    def threshold(self) -> str:
        """The threshold's name."""
        return self.written.partition(":")[0]

    def stretch(self, reference: int, period_ns: int) -> float:
        """Return the readings of one device in which one false alarm is allowed."""
        return reference // PLENTY if self.days is None else self.days * NS_PER_DAY / period_ns


PROMISES = (
    Promise("percentile", f"percentile:{100 - 100 * RATE:g}", RATE),
    Promise("pot", f"pot:{RATE:g}", RATE),
    Promise("adaptive", f"adaptive:{RATE:g}", RATE),
    Promise("conformal", f"conformal:{RATE:g}", RATE),
    Promise("budget, to measure", "budget:1 per device per {readings} readings"),
    Promise("budget, a day", "budget:1 per device per day", days=1),
)


def told_of(benchmark: Benchmark, case: Case, *, detector: str, asked: Sequence[Promise]) -> dict[str, Any]:
    """Return what each promise made, and what came of it, on one case.

    What the benchmark calls normal is learned from and calibrated on; all thresholds are given the same scores. The
    alarm begins its work with the first judged reading, as it would for a user: nothing rings on from before.
    """
    table = case.table if case.normal_only else replace(case.table, labels=case.labels & ~case.learn)
    learned = table.only(case.learn)
    settled = settle(learned, Recipe(detector=detector, threshold=_greediest(asked)))
    reach = reach_of(settled.recipe)
    check_split(case.learn, case.judged, table.readings.device, window=reach)
    artifact = train(learned, settled)
    return {
        "reference": len(artifact.evidence),
        "window": reach,
        "row_clock": artifact.provenance.row_clock,
        "promises": {each.name: _told(each, benchmark, case, artifact, table, reach) for each in asked},
    }


def _greediest(asked: Sequence[Promise]) -> str:
    """Return the threshold that wants the greatest share of the readings as its reference."""
    return max((each.written.format(readings=1000) for each in asked), key=lambda text: threshold_of(text).share)


def _told(
    promise: Promise, benchmark: Benchmark, case: Case, artifact: Artifact, table: Table, reach: int
) -> dict[str, Any]:
    stretch = promise.stretch(len(artifact.evidence), artifact.clock.period_ns)
    written = promise.written.format(readings=round(stretch))
    try:
        scorer = recalibrate(artifact, threshold=written)
    except SettingError as error:
        return {"refused": str(error)}
    outcome, bins = _judged(scorer.judge(table.only(case.judged)), benchmark, case)
    promised = {"rate": promise.rate} if promise.rate else {"stretch": stretch, "by_day": promise.days is not None}
    made = {**promised, "written": written, "enough": not lacking(scorer.artifact.calibration)}
    told = counts(outcome, bins, reach=reach, period_ns=artifact.clock.period_ns)
    day = np.inf if outcome.row_clock else NS_PER_DAY / artifact.clock.period_ns
    told["false_alarms"] += again(told["told"], day if promise.rate else min(stretch, day))
    # where nothing is labelled, the alarms themselves say what an event is, and none is late
    return {**made, **told, "delays": told["delays"] if case.labels.any() else []}


def again(rang: int, length: float) -> int:
    """Return how often alarms that go on count once more: for each day, or each stretch of one, as a budget has it.

    >>> again(250, 100), again(250, np.inf)
    (2, 0)
    """
    return int(rang // length)


def lacking(calibration: Calibration) -> bool:
    """Tell whether a threshold says that the reference is not enough for what is asked."""
    words = ("not enough", "give more normal readings")
    return any(word in told.lower() for told in calibration.warnings for word in words)


def _judged(scored: Scored, benchmark: Benchmark, case: Case) -> tuple[Outcome, IntArray]:
    """Return what was said of the judged readings, device after device, and the time of the bin that holds each."""
    outcome = outcome_of(scored)
    if not outcome.labels.any():
        outcome = replace(outcome, labels=_ending(outcome, benchmark, case))
    rows = np.argsort(outcome.device, kind="stable")
    return outcome.take(rows), scored.verdicts.time[rows]


def _ending(outcome: Outcome, benchmark: Benchmark, case: Case) -> BoolArray:
    """Return as the one event what IMS takes for it: from the alarm that lasts, to the end; else the end alone."""
    every = np.ones(len(outcome), np.bool_)
    days = benchmark.facts(replace(case, learn=~every, judged=every), outcome, window=1).get("lasting_days")
    if days is None:
        return outcome.labels
    return np.asarray(outcome.time >= outcome.time[-1] - round(days * NS_PER_DAY))


def counts(outcome: Outcome, bins: IntArray, *, reach: int, period_ns: int) -> dict[str, Any]:
    """Return what became of normal readings and of events.

    A window that still holds a labelled reading is not normal, though its own reading may be: it counts neither as a
    false positive nor as a right silence, and an alarm that touches one is not false.

    Parameters
    ----------
    outcome
        Of the judged readings, device after device.
    bins
        ndarray of shape (n,), int64: the time of the bin that holds each reading.
    reach
        Readings in a window.
    period_ns
        Between two readings.
    """
    near = shadowed(outcome.labels, outcome.device, reach)
    normal = np.flatnonzero(~near & outcome.scored)
    # readings that share a bin share a verdict, and were watched once
    _, once = np.unique(np.stack([outcome.device, bins])[:, normal], axis=1, return_index=True)
    watched = normal[once]
    events, alarms = _events(outcome, outcome.labels), _events(outcome, near)
    return {
        "watched": len(watched),
        "flagged": int(outcome.anomaly[watched].sum()),
        "told": int(outcome.told[watched].sum()),
        "days": None if outcome.row_clock else len(watched) * period_ns / NS_PER_DAY,
        "devices": len(np.unique(outcome.device)),
        "false_alarms": alarms.false_alarms,
        "events": events.events,
        "caught": events.caught,
        "delays": list(events.delays),
    }


def _events(outcome: Outcome, labels: BoolArray) -> Any:
    every = np.ones(len(outcome), np.bool_)
    return event_metrics(
        labels, outcome.told, scored=every, time=outcome.time, device=outcome.device, row_clock=outcome.row_clock
    )


def shadowed(labels: BoolArray, device: IntArray, reach: int) -> BoolArray:
    """Return which readings end a window of ``reach`` readings of one device that holds a labelled one."""
    near = labels.copy()
    for start, stop in zip(*flagged_runs(labels, device), strict=True):
        span = slice(start, stop + reach - 1)
        near[span] |= device[span] == device[start]
    return near


def summed(told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return one row of the table from what came of one promise on all cases of a set."""
    judged = [one for one in told if "refused" not in one]
    enough = [one for one in judged if one["enough"]]
    rest = [one for one in judged if not one["enough"]]
    counted = ("watched", "flagged", "told", "false_alarms", "events", "caught")
    total = {name: sum(one[name] for one in judged) for name in counted}
    rates = not judged or "rate" in judged[0]
    days = [one["days"] for one in judged]
    delays = [delay for one in judged for delay in one["delays"]]
    return {
        "judged": len(judged),
        "refused": sorted({one["refused"] for one in told if "refused" in one}),
        "promised": len(enough),
        "kept": sum(kept(one) for one in enough),
        "not_enough": len(rest),
        "broken": sum(not kept(one) for one in rest),
        "stretch": None if rates else float(np.median([one["stretch"] for one in judged])),
        "by_day": not rates and all(one["by_day"] for one in judged),
        **total,
        "days": None if None in days else round(sum(days), 4),
        "delay": float(np.median(delays)) if delays else None,
    }


def kept(told: dict[str, Any]) -> bool:
    """Tell whether a promise was kept: a rate up to a factor, a budget to the alarm, a part of a stretch as one."""
    if "rate" in told:
        return bool(told["flagged"] <= FACTOR * told["rate"] * told["watched"])
    return bool(told["false_alarms"] <= max(told["devices"], told["watched"] / told["stretch"]))
