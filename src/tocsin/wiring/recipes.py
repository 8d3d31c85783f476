"""How a recipe, and how a table is read, are spelt: in a config file, and with flags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from itertools import product
from typing import Any

from tocsin.alerting.settings import REACHES, SPANS, written_rule
from tocsin.alerting.span import Span
from tocsin.core.errors import SettingError
from tocsin.core.kinds import KINDS, Kind
from tocsin.sources import Overrides
from tocsin.training.recipe import ALARM, Recipe
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.space import Space, counted, varied, written
from tocsin.wiring._build import build

_CHOICES = {field.name for field in fields(Recipe)} - {"detector", "settings"}
"""What a recipe decides beside the detector and its own settings."""


def make_overrides(config: Mapping[str, Any], flags: Mapping[str, Any]) -> Overrides:
    """Return what the guess should not guess: the config's [input], overruled by flags that are not None."""
    given = {**config, **_given(flags)}
    for name in ("time", "channels", "exclude", "missing"):
        if isinstance(given.get(name), str):
            given[name] = (given[name],)
    if len(given.get("long") or ("", "")) != 2:
        raise SettingError(
            f"long is {given['long']!r}: it needs two columns.", remedy="For example: --long sensor,value"
        )
    return build(Overrides, given, "[input]")


def make_recipe(
    config: Mapping[str, Mapping[str, Any]], flags: Mapping[str, Any], *, settings: Sequence[str]
) -> Recipe:
    """Return the recipe: the config's [fit], [detector] and [alarm], overruled by flags that are not None.

    Parameters
    ----------
    config
        As :func:`~tocsin.wiring.read_config` returns it.
    flags
        Values by name; None leaves the config's or the default.
    settings
        The detector's settings as ``name=value``.
    """
    alarm = _alarm(config["alarm"])
    plain = {**config["fit"], **alarm, **_given(flags)}
    if isinstance(alarm.get("channel_rules"), Mapping):
        plain["channel_rules"] = {**alarm["channel_rules"], **(flags.get("channel_rules") or {})}
    if "settings" in plain:
        raise SettingError("[fit] has no setting 'settings'.", remedy="The detector's own go into [detector].")
    if isinstance(plain.get("prepare"), str):
        plain["prepare"] = (plain["prepare"],)
    own = {**config["detector"], **dict(_pair(text) for text in settings)}
    return build(Recipe, {**plain, "settings": own}, "the settings")


def _alarm(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return [alarm] by the recipe's names."""
    if unknown := sorted(set(section) - set(ALARM.values())):
        there = ", ".join(ALARM.values())
        raise SettingError(f"[alarm] has no setting {unknown[0]!r}.", remedy=f"It has: {there}.")
    found = {own: section[name] for own, name in ALARM.items() if name in section}
    for name in ("quiet", "maintenance"):
        if isinstance(found.get(name), str):
            found[name] = (found[name],)
    for name in (*SPANS, *REACHES):
        if isinstance(found.get(name), bool):
            Span.parse(found[name], name=name)  # true would pass for 1
    return found


def make_rules(texts: Sequence[str]) -> dict[str, str]:
    """Return what is wanted of channels, written as ``channel: rule``, by channel.

    >>> make_rules(["temperature: high, least 2, expected 0..80", "humidity: mute"])
    {'temperature': 'high, least 2, expected 0..80', 'humidity': 'mute'}
    """
    return dict(written_rule(text) for text in texts)


def make_kinds(texts: Sequence[str]) -> str | dict[str, Kind]:
    """Return kinds of channels written as ``channel=kind``, or "off".

    >>> make_kinds(["energy=counter", "wind=degrees"])
    {'energy': 'counter', 'wind': 'degrees'}
    """
    if list(texts) in (["off"], ["auto"]):
        return texts[0]
    found: dict[str, Kind] = {}
    for text in texts:
        name, _, kind = (part.strip() for part in text.rpartition("="))
        if not name or kind not in KINDS:
            raise SettingError(
                f"--kind {text} names no channel and kind.",
                remedy=f"For example: --kind energy=counter. Kinds are {', '.join(KINDS)}.",
            )
        found[name] = kind
    return found


def make_recipes(
    config: Mapping[str, Mapping[str, Any]], flags: Mapping[str, Any], *, detectors: str, settings: Sequence[str]
) -> dict[str, Recipe]:
    """Return a recipe for each detector, by its name.

    Parameters
    ----------
    config
        As :func:`~tocsin.wiring.read_config` returns it; [fit] and [alarm] hold for all. [detector] goes with a
        single detector only.
    flags
        Values for all by name; None leaves the config's or the default.
    detectors
        Names with commas between.
    settings
        ``detector.name=value``: a setting of that detector, or another choice of its recipe, such as its window.
    """
    names = [name.strip() for name in detectors.split(",") if name.strip()]
    if not names:
        raise SettingError("No detector is named.", remedy="For example: --detectors isolation_forest,auto")
    if config["detector"] and len(names) > 1:
        raise SettingError(
            "[detector] cannot hold for several detectors.", remedy="Use --set detector.name=value instead."
        )
    own: dict[str, dict[str, str]] = {name: {} for name in names}
    for text in settings:
        target, value = _pair(text)
        detector, _, name = target.partition(".")
        if detector not in own or not name:
            raise SettingError(
                f"--set {text} names none of the detectors {', '.join(own)}.",
                remedy=f"For example: --set {names[0]}.window=30",
            )
        own[detector][name] = value
    return {name: _recipe_of(name, config, flags, own[name]) for name in own}


def make_grid(recipe: Recipe, over: Sequence[str]) -> dict[tuple[tuple[str, str], ...], Recipe]:
    """Return a recipe for each combination of values, by its (name, value) pairs.

    Parameters
    ----------
    recipe
        What stays the same.
    over
        ``name=value,value,…``: a setting of the detector, or another choice of the recipe, such as its window. Values
        that hold commas themselves are parted by semicolons: ``hidden=64,32;32,16``.

    Examples
    --------
    >>> grid = make_grid(Recipe(detector="lstm_autoencoder"), ["hidden=16,32", "window=10,20"])
    >>> [" ".join(f"{name}={value}" for name, value in point) for point in grid]
    ['hidden=16 window=10', 'hidden=16 window=20', 'hidden=32 window=10', 'hidden=32 window=20']
    """
    axes = [_axis(text) for text in over]
    if not axes:
        raise SettingError("Nothing is varied.", remedy="For example: --over hidden=16,32,64")
    names = [name for name, _ in axes]
    if len(set(names)) < len(names):
        raise SettingError(f"{names[0]} is varied twice.", remedy="Put all its values into one --over.")
    points = [tuple(zip(names, values, strict=True)) for values in product(*(values for _, values in axes))]
    return {point: varied(recipe, dict(point)) for point in points}


def make_space(recipe: Recipe, over: Sequence[str]) -> Space:
    """Return what is searched, as :func:`make_grid` takes it, and ranges beside it: ``learning_rate=1e-4..1e-2``.

    Parameters
    ----------
    recipe
        What stays the same; a range of a setting that is a whole number holds whole numbers only.
    over
        ``name=value,value,…`` or ``name=low..high``.

    Examples
    --------
    >>> network = Recipe(detector="lstm_autoencoder")
    >>> print(*make_space(network, ["hidden=16..64", "learning_rate=1e-4..1e-2", "window=10,20"]).axes)
    hidden=16..64 learning_rate=0.0001..0.01 window=10,20
    """
    return Space(tuple(_searched(recipe, text) for text in over))


def _searched(recipe: Recipe, text: str) -> Axis:
    name, values = _axis(text)
    ends = values[0].split("..") if len(values) == 1 else []
    if len(ends) != 2:
        return Axis(name, tuple(written(recipe, name, value) for value in values))
    try:
        low, high = (float(end) for end in ends)
    except ValueError:
        raise SettingError(f"--over {text} has an end that is no number.", remedy="For example: 1e-4..1e-2") from None
    return Axis(name, ends=(low, high), whole=counted(recipe, name))


def _axis(text: str) -> tuple[str, list[str]]:
    name, sign, rest = text.partition("=")
    values = [value.strip() for value in rest.split(";" if ";" in rest else ",") if value.strip()]
    if not sign or not name.strip() or not values:
        raise SettingError(
            f"--over {text} is not of the form name=value,value.", remedy="For example: --over hidden=16,32,64"
        )
    return name.strip(), values


def _recipe_of(
    detector: str, config: Mapping[str, Mapping[str, Any]], flags: Mapping[str, Any], given: Mapping[str, str]
) -> Recipe:
    plain = {name: value for name, value in given.items() if name in _CHOICES}
    settings = [f"{name}={value}" for name, value in given.items() if name not in _CHOICES]
    return make_recipe(config, {**flags, **plain, "detector": detector}, settings=settings)


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise SettingError(f"--set {text} is not of the form name=value.", remedy="For example: --set epochs=50")
    return name.strip(), value.strip()


def _given(flags: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in flags.items() if value is not None}
