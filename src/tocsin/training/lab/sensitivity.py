"""Sensitivity: how much a result hangs on the settings, each combination compared as detectors are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.core.errors import SettingError
from tocsin.evaluation.judgement import Judgement, judge
from tocsin.sources import Table
from tocsin.training.lab.baselines import NAMES
from tocsin.training.lab.compare import Plan, compare
from tocsin.training.recipe import Recipe

Point = tuple[tuple[str, str], ...]
"""A combination of settings, as (name, value) pairs."""


@dataclass(frozen=True)
class Run:
    """What one combination reached with one seed; ``judgement`` is None where it failed, and ``failure`` says why."""

    point: Point
    seed: int
    judgement: Judgement | None
    failure: str = ""
    fit_s: float = 0.0

    def as_dict(self, metric: str) -> dict[str, Any]:
        """Return the settings, the metric, events caught by kind, and what it took, as plain values."""
        judged = None if self.judgement is None else self.judgement.as_dict()
        return {
            **{name: _plain(value) for name, value in self.point},
            "seed": self.seed,
            metric: None if judged is None else judged["metrics"][metric],
            "kinds": None if judged is None else judged["kinds"],
            "fit_s": self.fit_s,
            "failure": self.failure,
        }


@dataclass(frozen=True)
class Sensitivity:
    """The runs of all combinations, and what the rules that cost nothing reach on the same readings, by name."""

    metric: str
    runs: tuple[Run, ...]
    baselines: Mapping[str, float | None]


def sensitivity(
    table: Table, grid: Mapping[Point, Recipe], *, plan: Plan, folder: Path, metric: str = "vus_pr"
) -> Sensitivity:
    """Compare one detector with itself under each combination of settings.

    Parameters
    ----------
    table
        With labels.
    grid
        A recipe for each combination.
    plan
        Folds, seeds and processes, as for detectors.
    folder
        Where runs are kept, so that an interrupted study goes on.
    metric
        One of the figures of :meth:`tocsin.evaluation.judgement.Judgement.flat`.

    Raises
    ------
    SettingError
        If there is no such metric.
    """
    points = {_name(point): point for point in grid}
    results = compare(table, {name: grid[point] for name, point in points.items()}, plan=plan, folder=folder)
    judged = [(result, None if result.outcome is None else judge(result.outcome)) for result in results]
    _known(metric, [found for _, found in judged if found is not None])
    runs = [
        Run(points[result.name], result.seed, found, result.failure, result.fit_s)
        for result, found in judged
        if result.name in points
    ]
    baselines = {r.name: _figure(found, metric) for r, found in judged if r.name in NAMES and r.seed == 0}
    return Sensitivity(metric, tuple(runs), baselines)


def _name(point: Point) -> str:
    return ", ".join(f"{name}={value}" for name, value in point)


def _known(metric: str, found: Sequence[Judgement]) -> None:
    if found and metric not in found[0].flat():
        raise SettingError(f"There is no metric {metric!r}.", remedy=f"Choose one of: {', '.join(found[0].flat())}.")


def _figure(found: Judgement | None, metric: str) -> float | None:
    return None if found is None else found.flat()[metric]


def _plain(value: str) -> float | int | str:
    for kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            continue
    return value
