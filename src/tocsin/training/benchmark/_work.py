"""One run of a benchmark: a method learns from a case, says what it thinks of all its readings, and that is kept."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.errors import MissingExtraError, TocsinError
from tocsin.evaluation.guards import LeakError, check_split
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table
from tocsin.training.benchmark._contract import Benchmark, Case, Run
from tocsin.training.lab.baselines import baseline
from tocsin.training.lab.compare import fingerprint, print_of_split
from tocsin.training.lab.ledger import Ledger
from tocsin.training.lab.trial import reach_of
from tocsin.training.lab.trial import run as trial
from tocsin.training.recipe import Recipe
from tocsin.training.settle import settle


@dataclass(frozen=True, eq=False)
class Task:
    """What differs from run to run: a method, the number of a case, and a seed."""

    method: str
    case: int
    seed: int
    said: str

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True, eq=False)
class Shared:
    """What all runs have in common; ``prints`` tell the cases' readings and splits apart, ``unfit`` are not run."""

    benchmark: Benchmark
    cases: tuple[Case, ...]
    recipes: Mapping[str, Recipe]
    folder: Path
    prints: tuple[str, ...]
    unfit: frozenset[tuple[str, str]]


def print_of(case: Case) -> str:
    """Return a short text that tells cases apart by their readings, labels and split."""
    return f"{fingerprint(case.table)}-{print_of_split(case.learn, case.judged)}"


def key_of(shared: Shared, task: Task) -> dict[str, Any]:
    """Return what a result is the result of; whatever differs makes another key."""
    case, recipe = shared.cases[task.case], shared.recipes.get(task.method)
    return {
        "benchmark": type(shared.benchmark).__name__,
        "numbers": asdict(shared.benchmark),  # type: ignore[call-overload]  # a dataclass by contract
        "case": case.name,
        "readings": shared.prints[task.case],
        "method": task.method,
        "recipe": None if recipe is None else asdict(recipe),
        "seed": task.seed,
    }


def work(shared: Shared, task: Task) -> str:
    """Run one method on one case and keep what came of it; return why it failed, or ""."""
    ledger, key = Ledger(shared.folder), key_of(shared, task)
    try:
        outcome, told = said_by(shared, task)
        window = _window(shared.cases[task.case], shared.recipes.get(task.method))
        facts = shared.benchmark.facts(shared.cases[task.case], outcome, window=window)
        shared.folder.mkdir(parents=True, exist_ok=True)
        outcome.save(ledger.path(key, "npz"))
        ledger.put(key, {"facts": facts, **told})
    except (LeakError, MissingExtraError):
        raise
    except TocsinError as error:
        return str(error)
    except Exception as error:  # whatever a detector stumbles over is a result, and is told by name
        return f"{type(error).__name__}: {error}"
    return ""


def said_by(shared: Shared, task: Task) -> tuple[Outcome, dict[str, Any]]:
    """Return what a method says of all readings of a case, the seconds to train and to score, and what it chose."""
    case, recipe = shared.cases[task.case], shared.recipes.get(task.method)
    everything = np.ones(len(case.table), np.bool_)
    if recipe is None:
        table = _shown(case, needs_labels=False)
        # tables of one length must not get one sequence of random scores
        seed = zlib.crc32(f"{case.name} {task.seed}".encode())
        return baseline(task.method, table, learn=case.learn, judged=everything, seed=seed), {"seconds": [0.0, 0.0]}
    check_split(case.learn, case.judged, case.table.readings.device, window=_window(case, recipe))
    table = _shown(case, needs_labels=recipe.make_detector().needs_labels)
    seeded = replace(recipe, seed=recipe.seed + task.seed)
    done = trial(table, seeded, learn=case.learn, judged=everything, judges_the_learned=True)
    return done.outcome, {"seconds": [done.fit_s, done.score_s], "why": done.artifact.provenance.why}


def _window(case: Case, recipe: Recipe | None) -> int:
    """Return on how many readings a score depends, by what the recipe settles on."""
    if recipe is None:
        return 1
    table = _shown(case, needs_labels=recipe.make_detector().needs_labels)
    return reach_of(settle(table.only(case.learn), recipe).recipe)


def _shown(case: Case, *, needs_labels: bool) -> Table:
    """Return the table without the labels of what is learned from, unless the protocol or the detector uses them."""
    if case.normal_only or needs_labels:
        return case.table
    return replace(case.table, labels=case.labels & ~case.learn)


def run_of(shared: Shared, task: Task, failure: str) -> Run:
    """Return what was kept of a run, or why it failed."""
    case = shared.cases[task.case]
    ledger, key = Ledger(shared.folder), key_of(shared, task)
    kept = ledger.get(key)
    if failure or kept is None:
        return Run(task.method, case, task.seed, failure=failure or "its result cannot be read")
    fit_s, score_s = kept["seconds"]
    path, why = ledger.path(key, "npz"), tuple(kept.get("why", ()))
    return Run(task.method, case, task.seed, kept["facts"], "", fit_s, score_s, path, why)
