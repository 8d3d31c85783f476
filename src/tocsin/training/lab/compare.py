"""Comparing detectors on one labelled table: the same splits, the same promise, several seeds, nothing peeked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.engine.reporting import kinds_of
from tocsin.evaluation.guards import LeakError, check_split
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.splits import Fold, blocked, holdout
from tocsin.sources import Table
from tocsin.training.lab.baselines import NAMES, baseline
from tocsin.training.lab.ledger import Ledger
from tocsin.training.lab.pool import spread
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.settle import gap_of


@dataclass(frozen=True, eq=False)
class Entry:
    """One contender: a detector with its recipe, or a baseline where the recipe is None."""

    name: str
    recipe: Recipe | None


@dataclass(frozen=True)
class Plan:
    """How the contenders are compared.

    Parameters
    ----------
    folds
        1: the first 60 % of the time to learn from, the rest to judge. More: that many blocks in order of time, each
        judged once by what was learned from all others.
    seeds
        Runs of each contender with other seeds.
    jobs
        Processes side by side.
    """

    folds: int = 1
    seeds: int = 1
    jobs: int = 1

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise SettingError(f"{self.seeds} seeds run nothing.", remedy="Give --seeds 1 or more.")


@dataclass(frozen=True)
class Result:
    """What one contender with one seed said of every judged reading, each by an artifact that has not seen it.

    Parameters
    ----------
    name, seed
        The contender's, and which run it was.
    outcome
        None if it failed. With several folds scores are severities, since each fold has limits of its own.
    failure
        Why it failed, in words, or "".
    fit_s, score_s
        Seconds for training and for scoring the whole table, of all folds together.
    artifact
        Where the artifact of the first fold lies; None for baselines.
    """

    name: str
    seed: int
    outcome: Outcome | None
    failure: str = ""
    fit_s: float = 0.0
    score_s: float = 0.0
    artifact: Path | None = None


@dataclass(frozen=True)
class _Task:
    entry: Entry
    seed: int
    fold: int

    def __str__(self) -> str:
        return f"{self.entry.name}, seed {self.seed}, fold {self.fold + 1}"


@dataclass(frozen=True)
class _Shared:
    table: Table
    folds: tuple[Fold, ...]
    folder: Path
    fingerprint: str


def compare(table: Table, recipes: Mapping[str, Recipe], *, plan: Plan, folder: Path) -> tuple[Result, ...]:
    """Run all contenders and the four baselines; finished runs in ``folder`` are taken from there.

    Parameters
    ----------
    table
        With labels.
    recipes
        Recipe by contender's name; the seed is added to each recipe's own.
    plan
        Folds, seeds and processes.
    folder
        Where runs are kept, so that an interrupted comparison goes on.

    Raises
    ------
    InputError
        If the table has no labels, or they are all alike.
    """
    table = table.in_time_order()
    entries = [Entry(name, recipe) for name, recipe in recipes.items()] + [Entry(name, None) for name in NAMES]
    folds = tuple(make_folds(table, recipes.values(), folds=plan.folds))
    shared = _Shared(table, folds, folder, fingerprint(table) + _print_of_kinds(table))
    tasks = [_Task(e, seed, fold) for e in entries for seed in _seeds(e, plan) for fold in range(len(folds))]
    ledger = Ledger(folder)
    waiting = [task for task in tasks if not ledger.holds(_key(shared, task), *_endings(task.entry))]
    runs = spread(_work, waiting, shared=shared, jobs=plan.jobs, what="comparing")
    failures = {task: failure for task, failure in runs if failure}
    return tuple(_result(shared, entry, seed, failures) for entry in entries for seed in _seeds(entry, plan))


def make_folds(table: Table, recipes: Iterator[Recipe] | Sequence[Recipe] | Any, *, folds: int) -> Iterator[Fold]:
    """Yield the folds: the gap suits the longest window of all ``recipes``, settled or not, and the hold over silences.

    Raises
    ------
    InputError
        If the table has no labels, or they are all alike.
    """
    if table.labels is None:
        raise InputError("The readings have no labels.", remedy="Name the label column with --label.")
    if table.labels.all() or not table.labels.any():
        raise InputError(
            f"All {len(table)} readings are labelled {'anomalous' if table.labels.any() else 'normal'}, so nothing can "
            "be told apart.",
            remedy="Give labels of both kinds, or try faults on normal readings with: tocsin rehearse",
        )
    gap = max((gap_of(recipe, channels=len(table.readings.schema)) for recipe in recipes), default=1)
    time, device = table.readings.time, table.readings.device
    if folds == 1:
        yield holdout(time, gap=gap, device=device)
    else:
        yield from blocked(time, folds=folds, gap=gap, device=device)


def told(plan: Plan, table: Table) -> str:
    """Return in a sentence what was done."""
    split = "60 % of the time learned from, the rest judged"
    if plan.folds > 1:
        split = f"{plan.folds} blocks, each judged by what was learned from the others"
    runs = f"; mean ± standard deviation over {plan.seeds} seeds" if plan.seeds > 1 else ""
    share = 0.0 if table.labels is None else float(table.labels.mean())
    return f"{len(table)} readings, {share:.1%} of them labelled anomalous; {split}{runs}."


def fingerprint(table: Table) -> str:
    """Return a short text that tells tables apart by their readings and labels."""
    digest = hashlib.sha256()
    for array in (table.readings.time, table.readings.device, table.readings.values, table.labels):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def _print_of_kinds(table: Table) -> str:
    """Return a short text that tells apart what is known of the kinds of events; "" where nothing is."""
    if (known := kinds_of(table)) is None:
        return ""
    kind, size = known
    sizes = b"" if size is None else size.tobytes()
    return "-" + hashlib.sha256("\0".join(kind.tolist()).encode() + sizes).hexdigest()[:8]


def print_of_split(learn: BoolArray, judged: BoolArray) -> str:
    """Return a short text that tells splits apart, arrays of shape (n,)."""
    return hashlib.sha256(np.packbits(np.concatenate([learn, judged])).tobytes()).hexdigest()[:8]


def _seeds(entry: Entry, plan: Plan) -> range:
    return range(plan.seeds if entry.recipe is not None or entry.name == "random" else 1)


def _key(shared: _Shared, task: _Task) -> dict[str, Any]:
    recipe = None if task.entry.recipe is None else asdict(task.entry.recipe)
    return {
        "table": shared.fingerprint,
        "contender": task.entry.name,
        "recipe": recipe,
        "seed": task.seed,
        "fold": shared.folds[task.fold].name,
        # a contender with a longer window widens the gap for all
        "split": print_of_split(shared.folds[task.fold].learn, shared.folds[task.fold].judged),
    }


def _endings(entry: Entry) -> tuple[str, ...]:
    """Return the endings of the files that lie beside a kept run."""
    return ("npz",) if entry.recipe is None else ("npz", "tocsin")


def _work(shared: _Shared, task: _Task) -> str:
    """Run one contender on one fold and keep what came of it; return why it failed, or ""."""
    ledger, key = Ledger(shared.folder), _key(shared, task)
    try:
        ledger.put(key, _run(shared, task, lambda ending: ledger.path(key, ending)))
    except LeakError:
        raise
    except TocsinError as error:
        return str(error)
    return ""


def _run(shared: _Shared, task: _Task, path: Callable[[str], Path]) -> dict[str, Any]:
    fold, recipe = shared.folds[task.fold], task.entry.recipe
    if recipe is None:
        check_split(fold.learn, fold.judged, shared.table.readings.device, window=1)
        found = baseline(task.entry.name, shared.table, learn=fold.learn, judged=fold.judged, seed=task.seed)
        found.save(path("npz"))
        return {"fit_s": 0.0, "score_s": 0.0}
    trial = run(shared.table, replace(recipe, seed=recipe.seed + task.seed), learn=fold.learn, judged=fold.judged)
    trial.outcome.save(path("npz"))
    bundle.save(trial.artifact, path("tocsin"))
    return {"fit_s": trial.fit_s, "score_s": trial.score_s}


def _result(shared: _Shared, entry: Entry, seed: int, failures: Mapping[_Task, str]) -> Result:
    ledger = Ledger(shared.folder)
    tasks = [_Task(entry, seed, fold) for fold in range(len(shared.folds))]
    if failed := [failures[task] for task in tasks if task in failures]:
        return Result(entry.name, seed, None, failure=failed[0])
    told = [ledger.get(_key(shared, task)) or {} for task in tasks]
    outcomes = [Outcome.load(ledger.path(_key(shared, task), "npz")) for task in tasks]
    return Result(
        entry.name,
        seed,
        outcomes[0] if len(outcomes) == 1 else pooled(outcomes),
        fit_s=sum(t["fit_s"] for t in told),
        score_s=sum(t["score_s"] for t in told),
        artifact=None if entry.recipe is None else ledger.path(_key(shared, tasks[0]), "tocsin"),
    )


def pooled(outcomes: Sequence[Outcome]) -> Outcome:
    """Return outcomes of different artifacts as one, in order of time within each device.

    Scores become severities, score / limit, the only thing that artifacts have in common.
    """
    whole = Outcome.join([as_severities(outcome) for outcome in outcomes])
    return whole.take(np.lexsort((whole.time, whole.device)))


def as_severities(outcome: Outcome) -> Outcome:
    """Return the outcome with severities, score / limit, as scores: what outcomes of different artifacts share."""
    return replace(outcome, score=outcome.severity, limit=np.where(outcome.scored, 1.0, np.nan))
