"""How well an artifact detects, in the few figures that tell whether a smaller one is as good."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.verdicts import Verdicts
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scored import Scored
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.judgement import judge
from tocsin.sources import Table


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Figures on labelled readings, as :class:`~tocsin.evaluation.judgement.Judgement` has them.

    Parameters
    ----------
    vus_pr
        How well scores rank, from 0 to 1; needs no limit.
    event_recall
        Share of the labelled events that an alarm told of touches.
    events
        Labelled events.
    false_alarms
        Alarms that touch no labelled event.
    false_alarms_per_day
        The same a day; None without a clock.
    """

    vus_pr: float | None
    event_recall: float | None
    events: int
    false_alarms: int
    false_alarms_per_day: float | None


def scored_by(artifact: Artifact, readings: Table) -> Scored:
    """Score a table, put in order of time."""
    return Scorer(artifact).judge(readings.in_time_order())


def detection_of(scored: Scored) -> Detection | None:
    """Return the figures of a scored table; None where it has no labels."""
    if scored.table.labels is None:
        return None
    found = judge(outcome_of(scored))
    return Detection(
        vus_pr=found.vus_pr,
        event_recall=None if found.alarms is None else found.alarms.recall,
        events=found.events,
        false_alarms=0 if found.alarms is None else found.alarms.false_alarms,
        false_alarms_per_day=found.false_alarms_per_day,
    )


def agreement_of(one: Verdicts, other: Verdicts) -> float | None:
    """Return the share of readings about which two say the same, where both have a score; None where none has two."""
    both = np.isfinite(one.score) & np.isfinite(other.score)
    return float(np.mean(one.anomaly[both] == other.anomaly[both])) if both.any() else None
