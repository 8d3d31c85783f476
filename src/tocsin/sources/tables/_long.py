"""Long form, one row per value: finding it, and laying the values side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.core.schema import Channel
from tocsin.sources.tables._names import CHANNEL_NAMES, CHANNEL_UNITS, CHANNEL_VALUES, DEVICES, plain
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile
from tocsin.sources.tables._units import channel_of

MOST_VALUES = 1 << 28
"""Side by side; each takes eight bytes."""


def find_long(profiles: Mapping[str, Profile], overrides: Overrides, time: Collection[str]) -> tuple[str, str] | None:
    """Return the columns with the channel's name and its value, or None for a table in wide form.

    It is long form where one column of texts is named like names of channels, one of numbers like values, and no other
    column of numbers could be a channel.
    """
    if overrides.long is not None:
        if not time:
            raise InputError(
                "A table in long form needs a time column to tell which values belong together.",
                remedy="Name it with --time.",
                fixes=(Fix("Read it as a table in wide form", {"long": None}),),
            )
        return overrides.long
    if overrides.channels is not None or not time:
        return None
    names = [name for name, profile in profiles.items() if plain(name) in CHANNEL_NAMES and _names_channels(profile)]
    values = [
        name
        for name, profile in profiles.items()
        if plain(name) in CHANNEL_VALUES and profile.kind in {"number", "mixed"}
    ]
    if len(names) != 1 or len(values) != 1:
        return None
    rest = [profile for name, profile in profiles.items() if name not in (*names, *values)]
    measured = [profile for profile in rest if profile.kind == "number" and not _is_aside(profile)]
    return None if measured else (names[0], values[0])


def long_channels(
    profiles: Mapping[str, Profile], long: tuple[str, str], chosen: Sequence[str] | None
) -> tuple[Channel, ...]:
    """Return the channels that the name column names, sorted by name, with units where a column holds them."""
    units = next((profile for name, profile in profiles.items() if plain(name) in CHANNEL_UNITS), None)
    pairs = pl.DataFrame({"name": profiles[long[0]].spelled(), "unit": units.spelled() if units else None})
    first = pairs.drop_nulls("name").group_by("name").agg(pl.col("unit").drop_nulls().first()).sort("name")
    found = tuple(channel_of(name, unit or "") for name, unit in first.iter_rows())
    return tuple(channel for channel in found if chosen is None or channel.name in chosen)


def widen(
    names: pl.Series, values: FloatArray, *, device: IntArray, time: IntArray, channels: Sequence[str]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Lay values that share a device and a time side by side.

    Parameters
    ----------
    names
        The channel's name of each row.
    values
        ndarray of shape (rows,), float64.
    device, time
        ndarrays of shape (rows,), int64.
    channels
        Names of the channels, in order; other names are passed over.

    Returns
    -------
    reading
        ndarray of shape (rows,), int64: the reading that each row belongs to. A channel that repeats a time begins
        another reading of that time, so that no value is lost; a row without a readable time is a reading of its own.
    first
        ndarray of shape (readings,), int64: the first row of each reading; readings stand in the order of these.
    wide
        ndarray of shape (channels, readings), float64, NaN where a channel said nothing.

    Raises
    ------
    InputError
        If that would be more than 2 GiB of values: each row may name another channel.
    """
    order = pl.Enum(list(channels))
    rows = pl.DataFrame({"device": device, "time": time, "channel": names.cast(order, strict=False).to_physical()})
    rows = rows.with_row_index("row").with_columns(
        turn=pl.when(pl.col("time") == NEVER)
        .then(pl.col("row"))
        .otherwise(pl.int_range(pl.len()).over("device", "time", "channel"))
    )
    rows = rows.with_columns(first=pl.col("row").min().over("device", "time", "turn"))
    first, reading = np.unique(rows["first"].to_numpy(), return_inverse=True)
    if len(channels) * len(first) > MOST_VALUES:
        raise InputError(
            f"In long form that would be {len(first):,} readings of {len(channels):,} channels, too many side by side.",
            remedy="Is the column of channels' names one? If it is, give fewer channels or rows at a time.",
        )
    wide = np.full((len(channels), len(first)), np.nan)
    known = rows["channel"].is_not_null().to_numpy()
    wide[rows["channel"].fill_null(0).to_numpy()[known], reading[known]] = values[known]
    return reading.astype(np.int64), first.astype(np.int64), wide


def _names_channels(profile: Profile) -> bool:
    """Tell whether texts repeat as names of channels do."""
    distinct = profile.spelled().n_unique() if profile.kind == "text" else 0
    return distinct >= 2 and 2 * distinct <= len(profile.column)


def _is_aside(profile: Profile) -> bool:
    values = profile.values()
    binary = set(np.unique(values[~np.isnan(values)])) <= {0.0, 1.0}
    return binary or plain(profile.name) in DEVICES or plain(profile.name).endswith("id") or profile.name == ""
