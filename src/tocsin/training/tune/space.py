"""The space of a search: which settings are varied, and what recipe stands at each point of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import prod
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from tocsin.core.errors import SettingError
from tocsin.training.lab.sensitivity import Point
from tocsin.training.recipe import Recipe
from tocsin.training.tune.axis import Axis

STEPS = 3
"""Values that a grid takes of a range: its ends, and the middle."""


@dataclass(frozen=True)
class Space:
    """The settings that are varied together, each along an axis of its own.

    Examples
    --------
    >>> space = Space((Axis("trees", ("50", "100")), Axis("window", ends=(5, 20), whole=True)))
    >>> space.listed().count
    6
    >>> space.recipe(Recipe(detector="isolation_forest"), (("trees", "50"), ("window", "8"))).window
    8
    """

    axes: tuple[Axis, ...]

    def __post_init__(self) -> None:
        if not self.axes:
            raise SettingError("Nothing is varied.", remedy="For example: --over learning_rate=1e-4..1e-2")
        names = [axis.name for axis in self.axes]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SettingError(f"{twice[0]} is varied twice.", remedy="Put all its values into one --over.")

    @property
    def names(self) -> tuple[str, ...]:
        """The settings."""
        return tuple(axis.name for axis in self.axes)

    @property
    def count(self) -> int | None:
        """How many points there are; None where there are too many to count."""
        counts = [axis.count for axis in self.axes]
        return None if None in counts else prod(count or 0 for count in counts)

    def listed(self) -> Space:
        """Return the space with values only: of each range its ends and the middle."""
        return Space(tuple(axis.listed(STEPS) for axis in self.axes))

    def holds(self, point: Point) -> bool:
        """Tell whether a point lies in the space."""
        return all(axis.holds(dict(point)[axis.name]) for axis in self.axes)

    def point_of(self, recipe: Recipe) -> Point:
        """Return the point at which ``recipe`` stands; what it leaves open is the detector's."""
        return tuple((name, _text(_value(recipe, name))) for name in self.names)

    def recipe(self, recipe: Recipe, point: Point) -> Recipe:
        """Return ``recipe`` with the settings of a point."""
        return varied(recipe, dict(point))

    def check(self, recipe: Recipe) -> None:
        """Refuse values that no recipe can have, before an hour is spent.

        Raises
        ------
        SettingError
            With the first that is wrong.
        """
        for axis in self.axes:
            for value in axis.listed(2).values:
                varied(recipe, {axis.name: value})


def varied(recipe: Recipe, values: Mapping[str, str]) -> Recipe:
    """Return ``recipe`` with other settings, written as texts: of its detector, or other choices such as the window.

    >>> varied(Recipe(detector="lstm_autoencoder"), {"hidden": "32,16", "window": "20"}).settings
    {'hidden': (32, 16)}

    Raises
    ------
    SettingError
        If there is no such setting, or a value is of the wrong kind.
    """
    hints = get_type_hints(Recipe)
    plain = {name: _converted(name, value, hints[name]) for name, value in values.items() if name in _CHOICES}
    own = {name: value for name, value in values.items() if name not in _CHOICES}
    return replace(recipe, **plain, settings={**recipe.settings, **own})


def written(recipe: Recipe, name: str, text: str) -> str:
    """Return a value as points have it, however it was spelt.

    >>> network = Recipe(detector="lstm_autoencoder")
    >>> written(network, "learning_rate", "1e-3"), written(network, "hidden", "64, 32")
    ('0.001', '64,32')

    Raises
    ------
    SettingError
        If it is none that the setting can have.
    """
    return _text(_value(varied(recipe, {name: text}), name))


def counted(recipe: Recipe, name: str) -> bool:
    """Tell whether a setting is a whole number, or layers of so many units.

    >>> network = Recipe(detector="lstm_autoencoder")
    >>> counted(network, "window"), counted(network, "hidden"), counted(network, "learning_rate")
    (True, True, False)
    """
    hint = get_type_hints(Recipe if name in _CHOICES else type(recipe.make_detector())).get(name)
    return int in (hint, *get_args(hint)) and float not in (hint, *get_args(hint))


_CHOICES = {field.name for field in fields(Recipe)} - {"settings", "detector"}
"""What a recipe decides beside the detector and its own settings."""


def _converted(name: str, text: str, hint: Any) -> Any:
    try:
        return TypeAdapter(hint).validate_python((text,) if get_origin(hint) is tuple else text)
    except ValidationError as error:
        raise SettingError(f"{name} is {text!r}: {error.errors()[0]['msg']}.", remedy="Correct that setting.") from None


def _value(recipe: Recipe, name: str) -> Any:
    detector = recipe.make_detector()
    if name not in _CHOICES:
        return getattr(detector, name)
    found = getattr(recipe, name)
    return getattr(detector, f"default_{name}", "") if found is None else found


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return f"{value:.6g}" if isinstance(value, float) else str(value)
