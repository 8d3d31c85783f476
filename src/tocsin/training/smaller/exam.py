"""The exam: readings with labels on which a student's scores are held against its teacher's."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table
from tocsin.training.parts import STOPPING
from tocsin.training.tune.faulty import with_faults

PAPERS = 3
"""So often faults are put into the held-out readings where nobody has labelled any, each time others."""


@dataclass(frozen=True, eq=False)
class Paper:
    """Readings with labels, and which of them are judged.

    Parameters
    ----------
    table
        In order of time, with labels.
    judged
        ndarray of shape (readings,), bool.
    """

    table: Table
    judged: BoolArray

    def outcome(self, artifact: Artifact) -> Outcome:
        """Return what an artifact says of it; every score uses what came before it alone."""
        return outcome_of(Scorer(artifact).judge(self.table), judged=self.judged)


@dataclass(frozen=True)
class Mark:
    """How a student did on one paper.

    Parameters
    ----------
    before, after
        VUS-PR of the teacher and of the student.
    agreement
        Share of the readings that both gave the same verdict.
    """

    before: float
    after: float
    agreement: float

    @property
    def loss(self) -> float:
        """How much of the detection is lost; below 0 where the student detects better."""
        return self.before - self.after


def papers_of(readings: Table, labelled: Table | None, *, seed: int) -> tuple[Paper, ...]:
    """Return what a student is examined on.

    Parameters
    ----------
    readings
        What the teacher and the student learn from; where nothing is labelled, faults are put into its last 30 %, with
        which networks only stop their training, or find their limit.
    labelled
        Later readings with labels, if there are any.
    seed
        Of the faults.

    Raises
    ------
    InputError
        If the labels mark nothing, or too few faults find a place.
    """
    if labelled is not None:
        if labelled.labels is None or not labelled.labels.any():
            raise InputError("The labelled readings have no anomaly.", remedy="Name the label column with --label.")
        ordered = labelled.in_time_order()
        return (Paper(ordered, np.ones(len(ordered), np.bool_)),)
    ordered = readings.in_time_order()
    late = _late(ordered)
    return tuple(Paper(with_faults(ordered, rows=late, seed=seed + k), late) for k in range(PAPERS))


def _late(table: Table) -> BoolArray:
    """Return which readings lie in the last part of the time of all that are normal."""
    normal = np.ones(len(table), np.bool_) if table.labels is None else ~table.labels
    cut = np.quantile(table.readings.time[normal], 1 - 2 * STOPPING, method="lower")
    return np.asarray(table.readings.time > cut)


def marked(paper: Paper, teacher: Outcome, student: Artifact) -> Mark:
    """Return how a student does on a paper of which its teacher has said ``teacher``.

    Raises
    ------
    InputError
        If the teacher scores nothing of it that is labelled, so that there is nothing to lose.
    """
    own = paper.outcome(student)
    before, after = judge(teacher).vus_pr, judge(own).vus_pr
    if before is None or after is None:
        raise InputError("No labelled reading got a score.", remedy="Give labelled readings with longer stretches.")
    both = teacher.scored & own.scored
    same = teacher.anomaly[both] == own.anomaly[both]
    return Mark(before, after, float(np.mean(same)))
