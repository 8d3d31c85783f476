"""Where settings are judged: on blocks of the earlier readings; the later ones are not even there to be looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError, TocsinError
from tocsin.evaluation.guards import LeakError
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.splits import Fold, blocked, holdout
from tocsin.sources import Table
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.settle import gap_of
from tocsin.training.tune.faulty import with_faults
from tocsin.training.tune.plan import Plan

_LATER = 1
"""Added to the plan's seed for the faults of the last comparison, which no settings were chosen by."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The readings that are searched on.

    Parameters
    ----------
    table
        The earlier readings alone, in order of time, with labels.
    folds
        Blocks of them.
    faults
        Seed of the faults that are put into each judged block; None where labels are relied on.
    """

    table: Table
    folds: tuple[Fold, ...]
    faults: int | None


@dataclass(frozen=True)
class Task:
    """A recipe to be judged on one block, by its number, for the trial at ``place``."""

    place: int
    recipe: Recipe
    fold: int


@dataclass(frozen=True, eq=False)
class Found:
    """What came of a task: an outcome, or why there is none."""

    outcome: Outcome | None
    failure: str
    seconds: float


def ground_of(table: Table, recipes: Sequence[Recipe], plan: Plan) -> Ground:
    """Return what is searched on: the readings before those of the last comparison, in blocks.

    Parameters
    ----------
    table
        In order of time.
    recipes
        The longest window of all decides how far blocks lie apart.
    plan
        How many blocks, and by what they are judged.

    Raises
    ------
    InputError
        If labels are relied on, and there are none on one of the two sides.
    """
    after = later(table)
    if plan.by == "labels":
        _check_labels(table, after)
    earlier = labelled(table).only(~after)
    gap = max(gap_of(recipe, channels=len(earlier.readings.schema)) for recipe in recipes)
    folds = blocked(earlier.readings.time, folds=plan.folds, gap=gap, device=earlier.readings.device)
    return Ground(earlier, tuple(folds), plan.seed if plan.by == "faults" else None)


def for_comparison(table: Table, plan: Plan) -> Table:
    """Return the table that the last comparison is made on: with faults in its later part where labels are not used."""
    if plan.by == "labels":
        return table
    return with_faults(table, rows=later(table), seed=plan.seed + _LATER)


def labelled(table: Table) -> Table:
    """Return the table with labels; where nobody gave any, all readings are taken as normal."""
    return table if table.labels is not None else replace(table, labels=np.zeros(len(table), np.bool_))


def work(ground: Ground, task: Task) -> Found:
    """Learn from all blocks but one, and judge that one; runs in processes of its own."""
    fold, table = ground.folds[task.fold], ground.table
    began = time.perf_counter()
    try:
        if ground.faults is not None:
            table = with_faults(table, rows=fold.judged, seed=ground.faults + 2 * (task.fold + 1))
        outcome = run(table, task.recipe, learn=fold.learn, judged=fold.judged).outcome
    except LeakError:
        raise
    except TocsinError as error:
        return Found(None, str(error), time.perf_counter() - began)
    return Found(outcome, "", time.perf_counter() - began)


def later(table: Table) -> BoolArray:
    """Return which readings are kept for the last comparison, ndarray of shape (readings,), bool."""
    return holdout(table.readings.time, gap=0, device=table.readings.device).judged


def judged_by(table: Table) -> Literal["labels", "faults"]:
    """Return what a table can be judged by: its labels, where there are events before and after the cut."""
    try:
        _check_labels(table, later(table))
    except InputError:
        return "faults"
    return "labels"


def _check_labels(table: Table, after: BoolArray) -> None:
    if table.labels is None:
        raise InputError(
            "The readings have no labels.", remedy="Name the label column with --label, or use faults: --by faults"
        )
    for name, part in (("first 60 %", ~after), ("last 40 %", after)):
        if not table.labels[part].any() or table.labels[part].all():
            kind = "anomalous" if table.labels[part].any() else "normal"
            raise InputError(
                f"All readings in the {name} of the time are labelled {kind}, so nothing can be told apart there.",
                remedy="Give more labelled readings, or use faults put into normal ones: --by faults",
            )
