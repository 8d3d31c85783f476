"""Settling a recipe: what it leaves open is chosen from the readings that are learned from, and each choice told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tocsin.core.contracts import Detector
from tocsin.core.errors import SettingError
from tocsin.core.kinds import Kind
from tocsin.sources import Table
from tocsin.training.parts import parts_of
from tocsin.training.profile import Profile, profile
from tocsin.training.recipe import DEFAULT, Recipe

LEAST = 20
"""Windows without which nothing is learned that deserves the name."""

_CALIBRATION = 5
"""Windows that should be left to find a limit on, where the threshold needs them."""

_SHARE = 0.15
"""Of a device's readings that one window may take for the sake of a period: a quarter of the training part, nearly."""

_PLENTY, _RARE = 100, 0.01
"""Where a device has so many times a window's readings, and a smaller share is missing, nothing needs to be counted."""

_STAND_IN, _RHYTHM_DAYS, _DAY_S = "beyond_range", 28, 86_400
"""What stands in for it on a single channel that was seen for less than four weeks of days and weekends."""

_OVER = 4
"""Training windows that one above the default must leave, as a multiple of its readings: labels take their part."""

_SHORTEST = 10
"""Readings in a window than which none is made shorter because of few readings or gaps."""

_SHORTER = 0.75
"""What is left of a window of which the readings hold too few."""


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
    (120, 'none')
    """
    if recipe.window is not None and recipe.scale is not None and is_full(recipe.kinds, table):
        return Settled(recipe)
    seen = known or profile(table)
    recipe, chosen = _detector(recipe, seen)
    detector = recipe.make_detector()
    kinds, told = _kinds(recipe, detector, seen)
    settled = replace(recipe, scale=recipe.scale or detector.default_scale, kinds=kinds)
    window, why = _window(table.in_time_order(), settled, detector, seen)
    return Settled(_with_window(settled, window, detector), chosen + why + told + _limit(recipe))


def gap_of(recipe: Recipe, *, channels: int) -> int:
    """Return on how many readings a score may depend at most, held values too, whatever readings settle the recipe.

    Splits leave this gap, before anything is known of the readings that will be learned from.

    Parameters
    ----------
    recipe
        As it was asked for.
    channels
        Of the table.
    """
    if recipe.detector == DEFAULT and channels == 1 and not recipe.settings:
        recipes = [recipe, replace(recipe, detector=_STAND_IN)]
    else:
        recipes = [recipe]
    return max(_gap(each) for each in recipes)


def _gap(recipe: Recipe) -> int:
    detector = recipe.make_detector()
    most = detector.window_bounds[1] if detector.window_rule == "period" else 0
    window = recipe.window or max(most, detector.default_window)
    return recipe.make_features().readings(window) + _with_window(recipe, window, detector).hold


def _with_window(recipe: Recipe, window: int, detector: Detector) -> Recipe:
    """Return the recipe with a window; what is remembered outlasts gaps as long as itself."""
    hold = max(recipe.hold, window) if detector.window_rule == "memory" else recipe.hold
    return replace(recipe, window=window, hold=hold)


def _detector(recipe: Recipe, seen: Profile) -> tuple[Recipe, tuple[str, ...]]:
    """Return the recipe with what stands in for the default where a single channel was not seen for long enough."""
    if recipe.detector != DEFAULT or recipe.settings or len(seen.channels) != 1 or seen.cadence_s is None:
        return recipe, ()
    days = seen.longest * seen.cadence_s / _DAY_S
    if days >= _RHYTHM_DAYS:
        return recipe, ()
    why = (
        f"{_STAND_IN}: one channel, seen for {days:.1f} days, fewer than {_RHYTHM_DAYS}: what a week of it is like "
        "cannot be known yet, but what has never been seen can."
    )
    return replace(recipe, detector=_STAND_IN), (why,)


def _limit(recipe: Recipe) -> tuple[str, ...]:
    """Return what the default's stated limit means, unless another was asked for."""
    if recipe.detector != DEFAULT or recipe.threshold is not None:
        return ()
    return ("limit: a score of 3, as rare as one normal window in 1,000.",)


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
    "constant": "never moved in training; a move counts, but cannot drown other channels",
    "binary": "two states, scaled to 0 and 1",
    "one_hot": "one of several states, scaled to 0 and 1",
    "counter": "scored by how fast it rises; a reset is no news",
    "degrees": "an angle, scored by its sine and cosine",
    "radians": "an angle, scored by its sine and cosine",
}


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown


def _window(table: Table, recipe: Recipe, detector: Detector, seen: Profile) -> tuple[int, tuple[str, ...]]:
    """Return the window that suits, and why if it is not the default; the one that was asked for, where one was."""
    if recipe.window is not None:
        return recipe.window, ()
    features = recipe.make_features()
    # a period is told in readings, and a window in rows, of which each may take many
    wanted, why = _wanted(detector, seen) if features.stride == 1 else (detector.default_window, "")
    window = wanted
    plenty = table.cadence.regular and seen.missing < _RARE and seen.longest >= _PLENTY * features.readings(wanted)
    while (
        not plenty
        and window > _least(detector)
        and not _enough(table, _with_window(recipe, window, detector), detector)
    ):
        window = _shorter(window, detector)
    if window < wanted:
        return window, (f"window: {window} readings; these readings hold too few normal ones of {wanted}.",)
    return window, (why,) if why else ()


def _wanted(detector: Detector, seen: Profile) -> tuple[int, str]:
    """Return as many whole periods as the shortest window takes, within bounds, and why."""
    if detector.window_rule != "period" or seen.period is None:
        return detector.default_window, ""
    least, most = detector.window_bounds
    whole = -(-least // seen.period) * seen.period
    wanted = min(whole, most, max(int(_SHARE * seen.longest), detector.default_window))
    shown = "" if wanted == whole else "part of "
    periods = "a period" if whole == seen.period else f"{whole // seen.period} periods"
    return wanted, f"window: {wanted} readings, {shown}{periods} of {seen.period}."


def _shorter(window: int, detector: Detector) -> int:
    """Return the next window to try: shorter, but the default before anything below it."""
    least = detector.default_window if window > detector.default_window else _least(detector)
    return max(int(_SHORTER * window), least)


def _least(detector: Detector) -> int:
    """Return the shortest window that is better than none: few readings, or gaps, may hold no longer one."""
    return min(detector.window_bounds[0], detector.default_window, _SHORTEST)


def _enough(table: Table, recipe: Recipe, detector: Detector) -> bool:
    """Tell whether the parts of ``table`` hold enough windows to learn from and to find a limit on."""
    length = recipe.readings(detector)
    if length > len(table):
        return False
    *_, parts = parts_of(table, recipe)
    _, threshold = recipe.make_threshold(detector)
    calibrated = threshold.reference == "calibration"
    longer = recipe.window is not None and recipe.window > detector.default_window
    limited = not calibrated or len(parts.calibration) >= _CALIBRATION
    return limited and len(parts.training) >= max(LEAST, _OVER * length if longer else 0)
