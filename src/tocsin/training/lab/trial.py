"""A trial: one detector learns from some readings of a table, and is judged on others that it has not seen."""

from __future__ import annotations

import time
from dataclasses import dataclass

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.guards import check_split
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.settle import settle


@dataclass(frozen=True, eq=False)
class Trial:
    """What came of it.

    Parameters
    ----------
    outcome
        Of the judged readings, in the table's order.
    artifact
        What was trained.
    fit_s, score_s
        Seconds that training took, and scoring the whole table.
    """

    outcome: Outcome
    artifact: Artifact
    fit_s: float
    score_s: float


def run(
    table: Table, recipe: Recipe, *, learn: BoolArray, judged: BoolArray, judges_the_learned: bool = False
) -> Trial:
    """Train on the readings at ``learn``, score the table from its first reading on, and judge those at ``judged``.

    What the recipe leaves open is settled on the readings at ``learn`` alone. Each score uses what came before it
    alone; the limit is found within ``learn``.

    Parameters
    ----------
    table
        In order of time (:meth:`tocsin.sources.Table.in_time_order`), with labels.
    recipe
        How to train.
    learn, judged
        ndarrays of shape (readings,), bool.
    judges_the_learned
        Allow it: some published protocols judge the training part as well. Never otherwise.

    Raises
    ------
    LeakError
        If a window that is learned from can hold a judged reading.
    """
    began = time.perf_counter()
    learned = table.only(learn)
    settled = settle(learned, recipe)
    if not judges_the_learned:
        check_split(learn, judged, table.readings.device, window=reach_of(settled.recipe))
    artifact = train(learned, settled)
    trained = time.perf_counter()
    scored = Scorer(artifact).judge(table)
    done = time.perf_counter()
    return Trial(outcome_of(scored, judged=judged), artifact, trained - began, done - trained)


def reach_of(recipe: Recipe) -> int:
    """Return how many readings a verdict by a settled recipe looks back on, itself included."""
    return recipe.readings(recipe.make_detector())
