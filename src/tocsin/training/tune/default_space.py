"""What is searched where nobody says: a detector's own numbers, around the values that they have by default."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from tocsin.core.errors import SettingError, TocsinError
from tocsin.training.recipe import Recipe
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.space import Space, varied

COSTS = ("epochs", "minutes", "patience", "stride", "max_windows", "random_state")
"""Settings that decide what training costs, not what a detector is; nor is a seed chosen by its result."""

_ODDS = 9.0
"""A share is searched from a ninth of its odds to nine times: from .1 to .9 around .5."""


def default_space(recipe: Recipe, *, window: int | None = None) -> Space:
    """Return what is searched of a recipe: its window, and the detector's numbers that were left at their defaults.

    Whole numbers are tried at half and twice their value, layers also with one more and one less, small numbers such as
    a learning rate within a tenth and ten times, shares within a ninth and nine times their odds. What the recipe sets
    stays as it is. Names that choose between ways of working are not searched unless asked for.

    Parameters
    ----------
    recipe
        Whose detector is tuned.
    window
        Around which windows are searched, where the recipe leaves its window open: what it settles on
        (:func:`tocsin.training.settle.settle`); None for the detector's default.

    Examples
    --------
    >>> for axis in default_space(Recipe(detector="isolation_forest")).axes: print(axis)
    window=1,2
    trees=100,200,400
    max_samples=128,256,512

    Raises
    ------
    SettingError
        If there is nothing to vary.
    """
    found = tuple(allowed for axis in _axes(recipe, window) if (allowed := _allowed(axis, recipe)) is not None)
    if not found:
        raise SettingError(f"{recipe.detector} has nothing to vary by itself.", remedy="Say what with --over.")
    return Space(found)


def _axes(recipe: Recipe, window: int | None) -> Iterator[Axis]:
    detector: Any = recipe.make_detector()
    if recipe.window is None:
        yield _whole("window", window or detector.default_window)
    for field in fields(detector):
        if field.name not in {*COSTS, *recipe.settings}:
            axis = _around(field.name, getattr(detector, field.name))
            if axis is not None:
                yield axis


def _around(name: str, value: object) -> Axis | None:
    if isinstance(value, bool) or not value:
        return None
    if isinstance(value, int):
        return _whole(name, value)
    if isinstance(value, float):
        return Axis(name, ends=_ends(value)) if value > 0 else None
    if isinstance(value, tuple) and all(isinstance(units, int) for units in value):
        return _layers(name, value)
    return None


def _whole(name: str, value: int) -> Axis:
    return Axis(name, tuple(str(v) for v in sorted({max(value // 2, 1), value, 2 * value})))


def _ends(value: float) -> tuple[float, float]:
    if not 0.1 <= value < 1:
        return float(f"{value / 10:.3g}"), float(f"{value * 10:.3g}")
    odds = value / (1 - value)
    return round(odds / (odds + _ODDS), 3), round(_ODDS * odds / (1 + _ODDS * odds), 3)


def _layers(name: str, units: tuple[int, ...]) -> Axis:
    """Return the same layers, half and twice as wide, one fewer and one more."""
    halves = tuple(max(count // 2, 1) for count in units)
    wider = tuple(2 * count for count in units)
    tried = (units, halves, wider, units[:-1], (*units, max(units[-1] // 2, 1)))
    return Axis(name, tuple(dict.fromkeys(",".join(map(str, layers)) for layers in tried if layers)))


def _allowed(axis: Axis, recipe: Recipe) -> Axis | None:
    """Return the axis with those values that the detector takes; None where fewer than two are left."""
    values = axis.listed(2).values
    taken = tuple(value for value in values if _takes(recipe, axis.name, value))
    if axis.ends is not None:
        return axis if taken == values else None
    return Axis(axis.name, taken) if len(taken) > 1 else None


def _takes(recipe: Recipe, name: str, value: str) -> bool:
    try:
        varied(recipe, {name: value})
    except TocsinError:
        return False
    return True
