"""Finding the columns that hold the time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._names import names_time, plain
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._patterns import Pattern, compact_of, pattern_of
from tocsin.sources.tables._profile import Profile

_EPOCHS = ((1e11, "epoch_s"), (1e14, "epoch_ms"), (1e17, "epoch_us"), (float("inf"), "epoch_ns"))
_ELAPSED = 1e8  # below it a number of seconds is time since some start, not since 1970
_ENDINGS = {"ms": "epoch_ms", "us": "epoch_us", "ns": "epoch_ns"}
_OFFERED = 3  # other columns that may hold the time
_RISING = 0.9  # of the steps; a fleet's elapsed times start over with each device


@dataclass(frozen=True)
class Clock:
    """The columns that hold the time, and how it is written.

    Parameters
    ----------
    columns
        None, one, or two.
    time_format
        As in :class:`tocsin.sources.Layout`.
    note
        What had to be guessed, or "".
    """

    columns: tuple[str, ...] = ()
    time_format: str = "row"
    note: str = ""


def find_clock(profiles: Mapping[str, Profile], overrides: Overrides) -> Clock:
    """Return where the time is; without any, rows are the clock.

    Raises
    ------
    InputError
        If the columns that the user names hold no time.
    """
    if overrides.time_format == "row" or overrides.time == ():
        return Clock()
    if overrides.time is None:
        return _guess(profiles, overrides.time_format)
    named = [profiles[name] for name in overrides.time]
    return _named(named, overrides.time_format, profiles)


def clock_in(columns: Sequence[Profile]) -> Clock | None:
    """Return the clock that one column, or a date and a time of day, hold; None if they hold none."""
    patterns = [_pattern(profile, named=True) for profile in columns]
    names = tuple(profile.name for profile in columns)
    if any(pattern is None for pattern in patterns):
        return None
    first = patterns[0]
    assert first is not None
    if len(columns) == 1:
        return Clock(names, first.time_format, first.note) if first.holds != "clock" else None
    second = patterns[1]
    return Clock(names, _both(first, second), first.note) if second and first.holds == "date" else None


def clock_fixes(profiles: Mapping[str, Profile], without: Sequence[str]) -> tuple[Fix, ...]:
    """Return what may help where the times in the columns ``without`` cannot be read."""
    others = [name for name, profile in profiles.items() if name not in without and _holds_date(profile)]
    named = (
        Fix(f"Use column {name!r} as the time", {"time": (name,), "time_format": None}) for name in others[:_OFFERED]
    )
    return (*named, Fix("Count rows instead of times", {"time_format": "row"}))


def _holds_date(profile: Profile) -> bool:
    found = _pattern(profile)
    return found is not None and found.holds != "clock"


def _named(columns: list[Profile], time_format: str | None, profiles: Mapping[str, Profile]) -> Clock:
    if time_format is not None:
        return Clock(tuple(profile.name for profile in columns), time_format)
    clock = clock_in(columns)
    if clock is None:
        names = " and ".join(repr(profile.name) for profile in columns)
        text = next(iter(columns[0].spelled().drop_nulls().head(1)), "")
        raise InputError(
            f"Column {names} holds no time that can be read, such as {text!r}.",
            remedy="Say how it is written, such as --time-format '%d/%m/%Y %H:%M', or --time-format row to count rows.",
            fixes=clock_fixes(profiles, [profile.name for profile in columns]),
        )
    return clock


def _guess(profiles: Mapping[str, Profile], time_format: str | None) -> Clock:
    ordered = sorted(profiles.values(), key=lambda profile: not names_time(profile.name))
    found = [(profile, pattern) for profile in ordered if (pattern := _pattern(profile)) is not None]
    whole = [item for item in found if item[1].holds == "both"]
    dates = [item for item in found if item[1].holds == "date"]
    clocks = [item for item in found if item[1].holds == "clock"]
    if whole:
        profile, pattern = whole[0]
        return Clock((profile.name,), time_format or pattern.time_format, pattern.note)
    if dates and clocks:
        (date, first), (clock, second) = dates[0], clocks[0]
        return Clock((date.name, clock.name), time_format or _both(first, second), first.note)
    if dates:
        profile, pattern = dates[0]
        return Clock((profile.name,), time_format or pattern.time_format, pattern.note)
    return Clock()


def _both(date: Pattern, clock: Pattern) -> str:
    day = "%Y-%m-%d" if date.time_format == "iso" else date.time_format
    both = f"{day} {clock.time_format}"
    return "iso" if both in {"%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"} else both


def _pattern(profile: Profile, *, named: bool = False) -> Pattern | None:
    """Return how times are written in a column; numbers count as times only in a column that is named so."""
    named = named or names_time(profile.name)
    if profile.kind == "time":
        return _native(profile.column.dtype)
    if profile.kind in {"text", "mixed"}:
        return pattern_of(profile.spelled(), agree=0.5 if named else 0.9)
    if profile.kind == "number" and named and profile.column.dtype != pl.Boolean:
        return compact_of(profile.spelled()) or _epoch(profile)
    return None


def _native(kind: pl.DataType) -> Pattern | None:
    if isinstance(kind, pl.Datetime):
        return Pattern("iso", "both")
    if isinstance(kind, pl.Date):
        return Pattern("iso", "date")
    return Pattern("%H:%M:%S%.f", "clock") if isinstance(kind, pl.Time) else None


def _epoch(profile: Profile) -> Pattern | None:
    amounts = profile.values()
    amounts = amounts[np.isfinite(amounts)]
    middle = float(np.median(np.abs(amounts))) if len(amounts) else 0.0
    if middle >= _ELAPSED:
        return Pattern(next(text for limit, text in _EPOCHS if middle < limit), "both")
    if len(amounts) < 2 or np.mean(np.diff(amounts) >= 0) < _RISING or amounts[0] == amounts[-1]:
        return None
    unit = _ENDINGS.get(plain(profile.name).rpartition("_")[2], "epoch_s")
    return Pattern(unit, "both", f"{profile.name} counts from a start of its own, not from 1970")
