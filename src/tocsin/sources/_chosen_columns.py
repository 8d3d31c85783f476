"""Which columns of a growing table are what: from what is expected, what the user says, and the first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.errors import InputError
from tocsin.core.live import Expected
from tocsin.sources.tables._clock import Clock, clock_in, find_clock
from tocsin.sources.tables._names import DEVICES, nearest, plain
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile
from tocsin.sources.tables._times import parse_times


@dataclass(frozen=True)
class Columns:
    """Which column is what.

    Parameters
    ----------
    channels
        Names of the channels.
    device
        The column that names the device, None where there is none.
    clock
        The columns that hold the time.
    long
        In long form, the columns with the channel's name and its value.
    """

    channels: tuple[str, ...]
    device: str | None
    clock: Clock
    long: tuple[str, str] | None = None


@dataclass(frozen=True)
class Choice:
    """What is known before a table is seen.

    Parameters
    ----------
    expect
        What the artifacts were trained on.
    overrides
        What the user knows better.
    origin
        What to call the table in messages.
    """

    expect: Expected
    overrides: Overrides
    origin: str

    @property
    def zone(self) -> str:
        """The zone of stamps that name none."""
        return self.overrides.timezone or self.expect.timezone

    def among(self, profiles: Mapping[str, Profile]) -> Columns:
        """Return which of some columns, given by name, is what.

        Raises
        ------
        InputError
            If a column that is wanted is not there, or none of the channels is.
        """
        device = self._device(list(profiles))
        long = self.overrides.long
        wanted = tuple(name for name in self.expect.channels if name in profiles and not long)
        free = {name: each for name, each in profiles.items() if name not in (*wanted, device, *(long or ()))}
        clock = self._clock(free)
        numeric = tuple(name for name, each in free.items() if each.kind == "number" and name not in clock.columns)
        channels = self.expect.channels or _named_in(profiles[long[0]]) if long else wanted
        if not channels and self.expect.channels:
            lacking = self.expect.channels[0]
            raise InputError(
                f"{self.origin} has none of the channels wanted: {', '.join(self.expect.channels[:8])}.",
                remedy=nearest(lacking, profiles) or f"It has: {', '.join(list(profiles)[:12])}.",
            )
        return Columns(channels or numeric, device, clock, long)

    def _device(self, names: Sequence[str]) -> str | None:
        wanted = self.overrides.device
        if wanted == "":
            return None
        for name in (wanted,) if wanted else self.expect.device:
            if name in names:
                return name
        if wanted or self.expect.device:
            lacking = wanted or self.expect.device[0]
            raise InputError(
                f"The column {lacking!r} that names the device is not in {self.origin}.",
                remedy="Name it with device=COLUMN, or say with device= that all rows are of one device.",
            )
        return next((name for name in names if plain(name) in DEVICES and not self.expect.channels), None)

    def _clock(self, free: Mapping[str, Profile]) -> Clock:
        named = self.overrides.time or tuple(name for name in self.expect.time if name in free)[:2]
        wanted = self.overrides.time_format or self.expect.time_format or None
        if not named:
            return find_clock(free, Overrides(time_format=wanted))
        if lacking := [name for name in named if name not in free]:
            raise InputError(
                f"There is no column {lacking[0]!r} in {self.origin}.", remedy=f"There are: {', '.join(free)}."
            )
        for names in (named, *((name,) for name in named)):
            clock = _settled([free[name] for name in names], wanted, self.zone)
            if clock is not None:
                return clock
        return find_clock(free, Overrides(time=named, time_format=wanted))


def _named_in(column: Profile) -> tuple[str, ...]:
    return tuple(sorted(column.spelled().drop_nulls().unique().to_list()))


def _settled(columns: list[Profile], wanted: str | None, zone: str) -> Clock | None:
    """Return the clock in some columns if most of their times can be read."""
    names = tuple(column.name for column in columns)
    guessed = clock_in(columns)
    for clock in (Clock(names, wanted) if wanted else None, guessed):
        if clock is not None:
            times = parse_times([column.column for column in columns], clock.time_format, timezone=zone)
            if 2 * np.count_nonzero(times == NEVER) <= len(times):
                return clock
    return None
