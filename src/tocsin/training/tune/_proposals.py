"""What to try next, a function of what was tried: an interrupted search goes on as if nothing had happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tocsin.training.lab.sensitivity import Point
from tocsin.training.tune._quiet import quiet
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.plan import Plan
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler

TOGETHER = 4
"""Points that are proposed at a time, whatever the number of processes, so that it changes nothing but the time."""

_AT_RANDOM = 10
"""Trials before proposals follow what is known, which is Optuna's default."""


def batch(space: Space, tried: Sequence[Tried], *, first: int, plan: Plan) -> tuple[Point, ...]:
    """Return the points at the places from ``first`` on: a batch, or what is left of a grid.

    Parameters
    ----------
    space
        What is searched.
    tried
        All trials before ``first``, in order.
    first
        A place at which a batch begins.
    plan
        Sampler and seed.
    """
    from optuna import create_study

    count = TOGETHER if plan.sampler == "tpe" else min(TOGETHER, (space.count or 0) + 1 - first)
    with quiet():
        study = create_study(direction="maximize", sampler=_sampler(space, plan, first))
        study.add_trials([_trial(space, one) for one in _known(space, tried, plan)])
        asked = [study.ask(distributions(space)) for _ in range(count)]
    return tuple(_point(space, trial.params) for trial in asked)


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """Return the axes in Optuna's terms."""
    return {axis.name: _distribution(axis) for axis in space.axes}


def parameters(space: Space, point: Point) -> dict[str, str | float | int]:
    """Return a point in Optuna's terms."""
    given = dict(point)
    return {axis.name: _parameter(axis, given[axis.name]) for axis in space.axes}


def _known(space: Space, tried: Sequence[Tried], plan: Plan) -> list[Tried]:
    """Return what the sampler may know: of a grid, whose places are counted, what stands in it by its turn."""
    if plan.sampler == "grid":
        return [one for one in tried if one.place > 0]
    return [one for one in tried if space.holds(one.point)]


def _trial(space: Space, one: Tried):  # type: ignore[no-untyped-def]  # FrozenTrial, once optuna is imported
    from optuna import create_trial

    return create_trial(value=one.value, params=parameters(space, one.point), distributions=distributions(space))


def _sampler(space: Space, plan: Plan, first: int) -> BaseSampler:
    from optuna.samplers import GridSampler, TPESampler

    if plan.sampler == "grid":
        return GridSampler({axis.name: list(axis.values) for axis in space.axes}, seed=plan.seed)
    seed = (plan.seed * 1_000_003 + first) % 2**32
    return TPESampler(seed=seed, n_startup_trials=_AT_RANDOM, constant_liar=True)


def _distribution(axis: Axis) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if axis.ends is None:
        return CategoricalDistribution(axis.values)
    if axis.whole:
        return IntDistribution(round(axis.ends[0]), round(axis.ends[1]), log=axis.by_factors)
    return FloatDistribution(*axis.ends, log=axis.by_factors)


def _parameter(axis: Axis, text: str) -> str | float | int:
    if axis.ends is None:
        return text
    return int(text) if axis.whole else float(text)


def _point(space: Space, found: Mapping[str, str | float]) -> Point:
    return tuple((axis.name, axis.text(found[axis.name])) for axis in space.axes)
