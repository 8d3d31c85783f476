"""Settling a recipe: what it leaves open is chosen from the readings that are learned from, and each choice told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tocsin.core.contracts import Detector
from tocsin.core.errors import SettingError
from tocsin.core.kinds import Kind
from tocsin.sources import Table
from tocsin.training.profile import Profile, profile
from tocsin.training.recipe import Recipe

LEAST = 20
"""Windows without which nothing is learned that deserves the name."""

_CALIBRATION = 5
"""Windows that should be left to find a limit on, where the threshold needs them."""


@dataclass(frozen=True)
class Settled:
    """A recipe that leaves nothing open.

    Parameters
    ----------
    recipe
        With a window, a scale and the kinds of all channels.
    why
        What was chosen and why, in plain sentences; empty where everything was said.
    """

    recipe: Recipe
    why: tuple[str, ...] = ()


def settle(table: Table, recipe: Recipe, *, known: Profile | None = None) -> Settled:
    """Choose what a recipe leaves open: window, scale, kinds of channels.

    What is settled stays: settling twice changes nothing.

    Parameters
    ----------
    table
        What is learned from, and nothing else: a choice made on readings that are judged later would be a leak.
    recipe
        What was asked for; what it says is kept.
    known
        The table's profile, where it is at hand.

    Raises
    ------
    SettingError
        If a kind is given for a channel that does not exist.

    Examples
    --------
    >>> import polars as pl
    >>> from tocsin.sources import open_table
    >>> table = open_table(pl.DataFrame({"speed": [1.0, 4.0, 2.0, 3.0] * 50}))
    >>> settled = settle(table, Recipe(detector="rolling_zscore"))
    >>> settled.recipe.window, settled.recipe.scale
    (35, 'none')
    """
    detector = recipe.make_detector()
    if recipe.window is not None and recipe.scale is not None and is_full(recipe.kinds, table):
        return Settled(recipe)
    seen = known or profile(table)
    kinds, told = _kinds(recipe, detector, seen)
    window, why = (recipe.window, ()) if recipe.window is not None else _window(recipe, detector, seen)
    return Settled(
        replace(recipe, window=window, scale=recipe.scale or detector.default_scale, kinds=kinds), why + told
    )


def longest(recipe: Recipe, rows: int) -> int:
    """Return on how many readings a score may depend at most, whichever of ``rows`` readings the recipe is settled on.

    Splits leave this gap, before anything is known of the readings that will be learned from.
    """
    detector = recipe.make_detector()
    if recipe.window is not None:
        return recipe.readings(detector)
    reach = recipe.make_features().reach
    most = detector.window_bounds[1] if detector.window_rule == "period" else detector.default_window
    return reach + max(_least(detector), min(max(most, detector.default_window), _room(recipe, detector, rows)))


def is_full(kinds: str | Mapping[str, Kind], table: Table) -> bool:
    """Tell whether the kind of each of the table's channels is given."""
    return not isinstance(kinds, str) and set(table.readings.schema.names) <= set(kinds)


def _kinds(recipe: Recipe, detector: Detector, seen: Profile) -> tuple[dict[str, Kind], tuple[str, ...]]:
    given = {} if isinstance(recipe.kinds, str) else dict(recipe.kinds)
    if unknown := sorted(set(given) - set(seen.kinds)):
        raise SettingError(
            f"A kind is given for {unknown[0]!r}, and there is no such channel.",
            remedy=f"There are: {', '.join(seen.kinds)}.",
        )
    found: dict[str, Kind] = dict.fromkeys(seen.kinds, "real") if recipe.kinds == "off" else seen.kinds
    if detector.takes_units:
        found = {name: "real" if kind in ("counter", "degrees", "radians") else kind for name, kind in found.items()}
    whole = {**found, **given}
    return whole, tuple(_told(whole, given))


def _told(kinds: Mapping[str, Kind], given: Mapping[str, Kind]) -> list[str]:
    """Return a sentence for each kind that was recognised."""
    found: dict[Kind, list[str]] = {}
    for name, kind in kinds.items():
        if kind != "real" and name not in given:
            found.setdefault(kind, []).append(name)
    return [f"{kind.replace('_', '-')}: {_listed(names)}; {_TREATED[kind]}." for kind, names in found.items()]


_TREATED: dict[Kind, str] = {
    "real": "scaled",
    "constant": "never moved in training, so a move counts, but no more than 10 deviations",
    "binary": "two states, scaled to 0 and 1",
    "one_hot": "one of several states, scaled to 0 and 1",
    "counter": "scored by how fast it rises; a reset is no news",
    "degrees": "an angle, scored by its sine and cosine",
    "radians": "an angle, scored by its sine and cosine",
}


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _window(recipe: Recipe, detector: Detector, seen: Profile) -> tuple[int, tuple[str, ...]]:
    """Return the window that suits, and why if it is not the default."""
    least, most = detector.window_bounds
    wanted, why = detector.default_window, ""
    if detector.window_rule == "period" and seen.period is not None:
        wanted = min(max(seen.period, least), most)
        why = f"one period of {seen.period} readings" + (
            "" if wanted == seen.period else f", held to {least} to {most}"
        )
    room = max(_least(detector), _room(recipe, detector, seen.longest))
    if room < wanted:
        return room, (f"window: {room} readings, because {seen.longest} readings leave room for no longer one.",)
    return wanted, (f"window: {wanted} readings, {why}.",) if why else ()


def _least(detector: Detector) -> int:
    return min(detector.window_bounds[0], detector.default_window)


def _room(recipe: Recipe, detector: Detector, rows: int) -> int:
    """Return the longest window with which each part of ``rows`` readings still holds enough windows.

    Of the n - L + 1 windows the training part has 70 %, and loses L - 1 of them at its border; a window is a quarter of
    it at most. The calibration part has 15 %, and loses as many.
    """
    reach = recipe.make_features().reach
    learned = min((0.7 * rows - LEAST) / 1.7, 0.25 * 0.7 * rows)
    calibrated = (0.15 * rows - _CALIBRATION) / 1.15
    _, threshold = recipe.make_threshold(detector)
    return int(min(learned, calibrated) if threshold.reference == "calibration" else learned) - reach
