"""Running a benchmark: each method on each case with each seed, side by side, kept as it goes, to be taken up again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatch
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tocsin.core.discover import load, summary
from tocsin.core.errors import SettingError
from tocsin.training.benchmark._contract import Benchmark, Case, Run
from tocsin.training.benchmark._report import Report, fill
from tocsin.training.benchmark._work import Shared, Task, key_of, print_of, run_of, work
from tocsin.training.lab.baselines import NAMES
from tocsin.training.lab.ledger import Ledger
from tocsin.training.lab.pool import spread
from tocsin.training.recipe import Recipe

ROOM = "training.benchmark"
LIBRARIES = ("tocsin", "numpy", "onnxruntime", "torch", "scikit-learn")


@dataclass(frozen=True)
class Plan:
    """How a benchmark is run.

    Parameters
    ----------
    seeds
        Runs of each method with other seeds. What does not depend on the seed runs once: some detectors, and the
        baselines but ``random``.
    jobs
        Processes side by side.
    only
        A pattern that names of cases must match, such as "valve1/*"; "*" for all.
    once
        Methods that are run with the first seed alone.
    """

    seeds: int = 1
    jobs: int = 1
    only: str = "*"
    once: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise SettingError(f"{self.seeds} seeds run nothing.", remedy="Give --seeds 1 or more.")


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
    if unknown := sorted(set(plan.once) - set(recipes)):
        raise SettingError(f"{unknown[0]!r} is to run once, and is none of the detectors.", remedy="Add it to them.")
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
    shared = Shared(benchmark, cases, kept, folder, tuple(print_of(case) for case in cases), frozenset(unfit))
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
        once=plan.once,
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


def _all_runs(shared: Shared, name: str, plan: Plan) -> tuple[Run, ...]:
    ledger = Ledger(shared.folder)
    tasks = [
        Task(method, k, seed, f"{method}, {case.name}, seed {seed}")
        for method in (*shared.recipes, *NAMES)
        for seed in range(_seeds(method, shared, plan))
        for k, case in enumerate(shared.cases)
        if (method, case.group) not in shared.unfit
    ]
    waiting = [task for task in tasks if not ledger.holds(key_of(shared, task), "npz")]
    failed = {task: why for task, why in spread(work, waiting, shared=shared, jobs=plan.jobs, what=name) if why}
    return tuple(run_of(shared, task, failed.get(task, "")) for task in tasks)


def _seeds(method: str, shared: Shared, plan: Plan) -> int:
    if method in plan.once:
        return 1
    recipe = shared.recipes.get(method)
    chance = method == "random" if recipe is None else recipe.make_detector().random
    return plan.seeds if chance else 1


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
