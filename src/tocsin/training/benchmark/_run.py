"""Running a benchmark: each method on each case with each seed, side by side, kept as it goes, to be taken up again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.discover import load, summary
from tocsin.core.errors import SettingError, TocsinError
from tocsin.evaluation.guards import LeakError, check_split
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table
from tocsin.training.baselines import NAMES, baseline
from tocsin.training.benchmark._contract import Benchmark, Case, Run
from tocsin.training.benchmark._report import Report, fill
from tocsin.training.compare import fingerprint
from tocsin.training.ledger import Ledger
from tocsin.training.pool import spread
from tocsin.training.recipe import Recipe
from tocsin.training.trial import raw_window
from tocsin.training.trial import run as trial

ROOM = "training.benchmark"
LIBRARIES = ("tocsin", "numpy", "onnxruntime", "torch", "scikit-learn")


@dataclass(frozen=True)
class Plan:
    """How a benchmark is run.

    Parameters
    ----------
    seeds
        Runs of each method with other seeds; the baselines but ``random`` have no use for them and run once.
    jobs
        Processes side by side.
    only
        A pattern that names of cases must match, such as "valve1/*"; "*" for all.
    """

    seeds: int = 1
    jobs: int = 1
    only: str = "*"

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise SettingError(f"{self.seeds} seeds run nothing.", remedy="Give --seeds 1 or more.")


@dataclass(frozen=True, eq=False)
class _Task:
    method: str
    case: int
    seed: int
    said: str

    def __str__(self) -> str:
        return self.said


@dataclass(frozen=True, eq=False)
class _Shared:
    benchmark: Benchmark
    cases: tuple[Case, ...]
    recipes: Mapping[str, Recipe]
    folder: Path
    prints: tuple[str, ...]
    unfit: frozenset[tuple[str, str]]


def run(
    name: str, data: Path, recipes: Mapping[str, Recipe], *, plan: Plan, folder: Path, command: str = ""
) -> tuple[Report, tuple[Run, ...]]:
    """Run a benchmark with detectors and the four baselines; finished runs in ``folder`` are taken from there.

    Parameters
    ----------
    name
        One of ``tocsin.core.discover.names("training.benchmark")``.
    data
        The folder with its files, or the one above it.
    recipes
        Recipe by method's name; the seed is added to each recipe's own.
    plan
        Seeds, processes and cases.
    folder
        Where runs are kept.
    command
        With which all this was asked for, to be told beside the results.

    Returns
    -------
    The report, and all runs.

    Raises
    ------
    InputError
        If the files are not there.
    LeakError
        If a case lets a method learn from what is judged.
    """
    benchmark = load(ROOM, name)()
    assert isinstance(benchmark, Benchmark)
    cases = _cases(benchmark, data, plan.only)
    groups = dict.fromkeys(case.group for case in cases)
    unfit = {
        (method, group): why
        for method, recipe in recipes.items()
        for group in groups
        if (why := _unfit(recipe, [case for case in cases if case.group == group]))
    }
    kept = {method: recipe for method, recipe in recipes.items() if any((method, g) not in unfit for g in groups)}
    shared = _Shared(benchmark, cases, kept, folder, tuple(_print(case) for case in cases), frozenset(unfit))
    runs = _all_runs(shared, name, plan)
    report = Report(
        name=name,
        summary=summary(ROOM, name),
        origin=benchmark.origin,
        command=command,
        tables=tuple(fill(sheet, runs) for sheet in benchmark.sheets(cases)),
        failures=tuple(f"{run.method}, {run.case.name}, seed {run.seed}: {run.failure}" for run in runs if run.failure),
        left_out=_left_out(unfit),
        cases=len(cases),
        seeds=plan.seeds,
        seconds={method: _seconds(runs, method) for method in kept},
        recipes={method: _changed(recipe) for method, recipe in kept.items()},
        versions=_versions(),
    )
    return report, runs


def _cases(benchmark: Benchmark, data: Path, only: str) -> tuple[Case, ...]:
    cases = tuple(case for case in benchmark.cases(benchmark.find(data)) if fnmatch(case.name, only))
    if not cases:
        raise SettingError(f"No case matches {only!r}.", remedy="Leave --only away to run all cases.")
    return cases


def _unfit(recipe: Recipe, cases: Sequence[Case]) -> str:
    """Return why a detector cannot take part, or ""."""
    without = [case.name for case in cases if not case.teaches]
    if not recipe.make_detector().needs_labels or not without:
        return ""
    return (
        f"not applicable, {len(without)} of {len(cases)} cases have no labelled anomalies to learn from "
        f"(the first is {without[0]})."
    )


def _left_out(unfit: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return by method why it is left out, and of which group where there are some."""
    told: dict[str, list[str]] = {}
    for (method, group), why in unfit.items():
        told.setdefault(method, []).append(f"{group}: {why}" if group else why)
    return {method: " ".join(reasons) for method, reasons in told.items()}


def _print(case: Case) -> str:
    split = hashlib.sha256(np.packbits(np.concatenate([case.learn, case.judged])).tobytes()).hexdigest()[:8]
    return f"{fingerprint(case.table)}-{split}"


def _all_runs(shared: _Shared, name: str, plan: Plan) -> tuple[Run, ...]:
    ledger = Ledger(shared.folder)
    tasks = [
        _Task(method, k, seed, f"{method}, {case.name}, seed {seed}")
        for method in (*shared.recipes, *NAMES)
        for seed in range(plan.seeds if method in shared.recipes or method == "random" else 1)
        for k, case in enumerate(shared.cases)
        if (method, case.group) not in shared.unfit
    ]
    waiting = [task for task in tasks if ledger.get(_key(shared, task)) is None]
    failed = {task: why for task, why in spread(_work, waiting, shared=shared, jobs=plan.jobs, what=name) if why}
    return tuple(_run(shared, task, failed.get(task, "")) for task in tasks)


def _key(shared: _Shared, task: _Task) -> dict[str, Any]:
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


def _work(shared: _Shared, task: _Task) -> str:
    """Run one method on one case and keep what came of it; return why it failed, or ""."""
    ledger, key = Ledger(shared.folder), _key(shared, task)
    try:
        outcome, seconds = _said(shared, task)
        recipe = shared.recipes.get(task.method)
        window = 1 if recipe is None else raw_window(recipe)
        facts = shared.benchmark.facts(shared.cases[task.case], outcome, window=window)
        shared.folder.mkdir(parents=True, exist_ok=True)
        outcome.save(ledger.path(key, "npz"))
        ledger.put(key, {"facts": facts, "seconds": seconds})
    except LeakError:
        raise
    except TocsinError as error:
        return str(error)
    except Exception as error:  # whatever a detector stumbles over is a result, and is told by name
        return f"{type(error).__name__}: {error}"
    return ""


def _said(shared: _Shared, task: _Task) -> tuple[Outcome, list[float]]:
    """Return what a method says of all readings of a case, and the seconds it took to train and to score."""
    case, recipe = shared.cases[task.case], shared.recipes.get(task.method)
    everything = np.ones(len(case.table), np.bool_)
    if recipe is None:
        table = _shown(case, needs_labels=False)
        return baseline(task.method, table, learn=case.learn, judged=everything, seed=task.seed), [0.0, 0.0]
    check_split(case.learn, case.judged, case.table.readings.device, window=raw_window(recipe))
    table = _shown(case, needs_labels=recipe.make_detector().needs_labels)
    seeded = replace(recipe, seed=recipe.seed + task.seed)
    done = trial(table, seeded, learn=case.learn, judged=everything, judges_the_learned=True)
    return done.outcome, [done.fit_s, done.score_s]


def _shown(case: Case, *, needs_labels: bool) -> Table:
    """Return the table without the labels of what is learned from, unless the protocol or the detector uses them."""
    if case.normal_only or needs_labels:
        return case.table
    return replace(case.table, labels=case.labels & ~case.learn)


def _run(shared: _Shared, task: _Task, failure: str) -> Run:
    case = shared.cases[task.case]
    ledger, key = Ledger(shared.folder), _key(shared, task)
    kept = ledger.get(key)
    if failure or kept is None:
        return Run(task.method, case, task.seed, failure=failure or "its result cannot be read")
    fit_s, score_s = kept["seconds"]
    return Run(task.method, case, task.seed, kept["facts"], "", fit_s, score_s, ledger.path(key, "npz"))


def _seconds(runs: Sequence[Run], method: str) -> tuple[float, float]:
    own = [run for run in runs if run.method == method and run.seed == 0]
    return sum(run.fit_s for run in own), sum(run.score_s for run in own)


def _changed(recipe: Recipe) -> dict[str, Any]:
    """Return what was asked for beyond the defaults."""
    usual = Recipe(detector=recipe.detector)
    plain = {f.name: getattr(recipe, f.name) for f in fields(Recipe) if f.name not in ("detector", "settings")}
    told = {name: value for name, value in plain.items() if value != getattr(usual, name)}
    return {**told, **{name: str(value) for name, value in recipe.settings.items()}}


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
