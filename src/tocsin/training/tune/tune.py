"""The search: propose settings, judge each on blocks of time it has not learned from, and compare the best once."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from importlib.util import find_spec
from itertools import groupby, product
from pathlib import Path

from tocsin import __version__
from tocsin.core.errors import MissingExtraError
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.scoreboard import Row
from tocsin.sources import Table
from tocsin.training.lab.compare import Plan as Comparison
from tocsin.training.lab.compare import Result, compare, fingerprint
from tocsin.training.lab.pool import crew
from tocsin.training.recipe import Recipe
from tocsin.training.settle import settle
from tocsin.training.tune._ground import for_comparison, ground_of, judged_by, labelled, later, work
from tocsin.training.tune._proposals import TOGETHER, batch
from tocsin.training.tune._record import record
from tocsin.training.tune._trials import Trials
from tocsin.training.tune.default_space import default_space
from tocsin.training.tune.plan import Plan
from tocsin.training.tune.space import Space, varied
from tocsin.training.tune.tuning import TUNED, UNTUNED, Tuning


def require_optuna() -> None:
    """Raise unless Optuna is installed.

    Raises
    ------
    MissingExtraError
        With the extra that brings it.
    """
    if find_spec("optuna") is None:
        raise MissingExtraError("Tuning", extra="train", library="optuna")


def tune(
    table: Table,
    recipe: Recipe,
    *,
    folder: Path,
    space: Space | None = None,
    plan: Plan = Plan(),  # noqa: B008  # frozen
) -> Tuning:
    """Search settings on the first 60 % of the time, and compare the best with the untuned ones on the rest, once.

    Parameters
    ----------
    table
        Readings, with labels if the plan relies on them.
    recipe
        The untuned settings, and all that stays as it is.
    folder
        Where trials are kept, so that an interrupted search goes on and repeats none.
    space
        What is varied; None for what suits the recipe, see
        :func:`tocsin.training.tune.default_space.default_space`.
    plan
        How, by what, and for how long.

    Raises
    ------
    InputError
        If there are too few readings, no labels where they are needed, or the untuned settings fail.
    SettingError
        If a value is none that the detector takes.
    MissingExtraError
        If Optuna is not installed.
    """
    require_optuna()
    until = time.monotonic() + 60 * plan.minutes if plan.minutes else float("inf")
    table = table.in_time_order()
    by = judged_by(table) if plan.by == "auto" else plan.by
    plan = replace(plan, by=by)
    settled = settle(labelled(table).only(~later(table)), recipe).recipe
    space = space or default_space(recipe, window=settled.window)
    space = space.listed() if plan.sampler == "grid" else space
    space.check(recipe)
    ground = ground_of(table, _longest(recipe, space), plan)
    folder.mkdir(parents=True, exist_ok=True)
    with (
        record(folder / "trials.db", name=_name(table, recipe, space, plan), space=space) as kept,
        crew(work, shared=ground, jobs=plan.jobs) as run,
    ):
        _search(Trials(kept, run, recipe, plan, until), settled)
        tried = kept.tried()
    best = max(tried, key=lambda one: one.value)
    tuned = space.recipe(recipe, best.point) if best.place else recipe
    rows = _compared(for_comparison(table, plan), {TUNED: tuned, UNTUNED: recipe}, plan=plan, folder=folder)
    return Tuning(plan.metric, by, tried, space, untuned=recipe, tuned=tuned, rows=rows)


def _search(trials: Trials, settled: Recipe) -> None:
    """Try the untuned settings, then batch after batch until there are trials enough, no time, or nothing new."""
    space = trials.kept.space
    trials.make({0: space.point_of(settled)})
    for first in range(1, trials.last + 1, TOGETHER):
        if trials.over:
            return
        before = [one for one in trials.kept.tried() if one.place < first]
        points = batch(space, before, first=first, plan=trials.plan)
        trials.make({place: point for place, point in enumerate(points, first) if place <= trials.last})


def _compared(table: Table, recipes: dict[str, Recipe], *, plan: Plan, folder: Path) -> tuple[Row, ...]:
    """Compare on the later readings; where nothing better was found, the untuned settings stand alone."""
    if recipes[TUNED] == recipes[UNTUNED]:
        recipes = {UNTUNED: recipes[UNTUNED]}
    comparison = Comparison(seeds=plan.seeds, jobs=plan.jobs)
    results = compare(table, recipes, plan=comparison, folder=folder / "runs")
    return tuple(_row(name, list(runs)) for name, runs in groupby(results, key=lambda result: result.name))


def _row(name: str, runs: Sequence[Result]) -> Row:
    judged = tuple(judge(run.outcome) for run in runs if run.outcome is not None)
    return Row(name, judged, note=" ".join(sorted({run.failure for run in runs if run.failure})))


def _longest(recipe: Recipe, space: Space) -> Sequence[Recipe]:
    """Return recipes among which is the one that looks back the farthest."""
    axes = [axis for axis in space.axes if axis.name in ("window", "hold", "prepare")]
    points = product(*([(axis.name, value) for value in axis.listed(2).values] for axis in axes))
    return [recipe, *(varied(recipe, dict(point)) for point in points)]


def _name(table: Table, recipe: Recipe, space: Space, plan: Plan) -> str:
    """Return the name under which trials are kept: another one wherever their values could be others."""
    told = {
        "tocsin": __version__,
        "table": fingerprint(labelled(table)),
        "recipe": asdict(recipe),
        "space": [str(axis) for axis in space.axes],
        "plan": [plan.sampler, plan.folds, plan.by, plan.metric, plan.seed],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:16]
