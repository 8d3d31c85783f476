"""One table of many: files of one asset put side by side by their times, as Lookout for Equipment took them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.sources.tables._clock import find_clock
from tocsin.sources.tables._infer import decimal_of
from tocsin.sources.tables._layout import MISSING
from tocsin.sources.tables._load import load
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile, profile_of
from tocsin.sources.tables._times import parse_times

TIME, LABEL = "timestamp", "label"
_SUFFIXES = {".csv", ".parquet", ".pq"}


@dataclass(frozen=True, eq=False)
class Sensor:
    r"""What one sensor said, as it stood in the files.

    Parameters
    ----------
    component, name
        The folder or file it stood in, and its column.
    time
        ndarray of shape (n,), int64, ns since the epoch; NEVER where it cannot be read.
    values
        ndarray of shape (n,), float64; NaN where there is none.
    invalid
        Entries that are no number.
    """

    component: str
    name: str
    time: IntArray
    values: FloatArray
    invalid: int = 0


def sensors_in(place: Path, overrides: Overrides) -> list[Sensor]:
    """Return the sensors in a file, or in all tables of a folder and its subfolders.

    A table that lies in a subfolder belongs to the component of that name, any other is a component of its own; what
    the tables of a component say of one sensor is put one after the other.

    Parameters
    ----------
    place
        A CSV or Parquet file, or a folder.
    overrides
        What the user knows of all of them.

    Raises
    ------
    InputError
        If there is no table, or one cannot be read.
    """
    found: dict[tuple[str, str], list[Sensor]] = {}
    for component, path in _tables(place):
        for sensor in _sensors(path, component, overrides):
            found.setdefault((component, sensor.name), []).append(sensor)
    return [_joined(parts) for parts in found.values()]


def side_by_side(sensors: Sequence[Sensor], spans: Sequence[tuple[int, int]] | None = None) -> pl.DataFrame:
    r"""Return a table with a row for each time at which any sensor said something, in order of time.

    Parameters
    ----------
    sensors
        One or more; of several values of a sensor at one time the last one counts. Where there are several components,
        a column is called ``component\sensor``.
    spans
        From when to when something was wrong, in ns, both inclusive: a column ``label`` is 1 there, and 0 elsewhere.

    Raises
    ------
    InputError
        If no sensor said anything at a time that can be read.
    """
    sensors = [sensor for sensor in sensors if says_something(sensor)]
    if not sensors:
        raise InputError("No reading has a number and a time that can be read.", remedy="Name the columns with --time.")
    times = [sensor.time[_usable(sensor)] for sensor in sensors]
    time = np.unique(np.concatenate(times))
    several = len({sensor.component for sensor in sensors}) > 1
    columns = [pl.Series(TIME, _stamps(time))]
    for sensor, own in zip(sensors, times, strict=True):
        values = np.full(len(time), np.nan)
        values[np.searchsorted(time, own)] = sensor.values[_usable(sensor)]
        name = f"{sensor.component}\\{sensor.name}" if several else sensor.name
        columns.append(pl.Series(name, values, nan_to_null=True))
    if spans is not None:
        columns.append(pl.Series(LABEL, _within(time, spans).astype(np.int8)))
    return pl.DataFrame(columns)


def _tables(place: Path) -> Iterator[tuple[str, Path]]:
    if not place.is_dir():
        yield place.stem, place
        return
    paths = sorted(path for path in place.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    if not paths:
        raise InputError(f"There is no CSV or Parquet file in {place}.", remedy="Name the folder that holds them.")
    for path in paths:
        inner = path.relative_to(place).parts
        yield inner[0] if len(inner) > 1 else path.stem, path


def _sensors(path: Path, component: str, overrides: Overrides) -> Iterator[Sensor]:
    columns = load(path, overrides).columns
    decimal, missing = overrides.decimal or decimal_of(columns), (*MISSING, *(overrides.missing or ()))
    profiles = {column.name: profile_of(column, decimal=decimal, missing=missing) for column in columns}
    clock = find_clock(profiles, overrides)
    if not clock.columns:
        raise InputError(f"{path} has no time column that is understood.", remedy="Name it with --time.")
    named = [profiles[name].column for name in clock.columns]
    time = parse_times(named, clock.time_format, timezone=overrides.timezone or "UTC")
    for name, profile in profiles.items():
        if name not in (*clock.columns, *(overrides.exclude or ())) and name in (overrides.channels or profiles):
            yield _sensor(component, profile, time)


def _sensor(component: str, profile: Profile, time: IntArray) -> Sensor:
    values = profile.values()
    written = len(values) if profile.words is None else int(profile.words.is_not_null().sum())
    known = int(np.count_nonzero(np.isfinite(values)))
    values[~np.isfinite(values)] = np.nan
    gone = 0 if profile.words is not None else int(profile.column.is_null().sum())
    return Sensor(component, profile.name, time, values, max(written - gone - known, 0))


def _joined(parts: Sequence[Sensor]) -> Sensor:
    return Sensor(
        parts[0].component,
        parts[0].name,
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.values for part in parts]),
        sum(part.invalid for part in parts),
    )


def says_something(sensor: Sensor) -> bool:
    """Tell whether there is a number at a time that can be read."""
    return bool(_usable(sensor).any())


def _usable(sensor: Sensor) -> BoolArray:
    return np.asarray((sensor.time != NEVER) & ~np.isnan(sensor.values))


def _stamps(time: IntArray) -> list[str]:
    """Return times as text: to the second where that is exact, else to the nanosecond."""
    texts = np.datetime_as_string(time.astype("datetime64[ns]"), unit="ns" if (time % 10**9).any() else "s")
    return [f"{text}Z" for text in texts.tolist()]


def _within(time: IntArray, spans: Sequence[tuple[int, int]]) -> BoolArray:
    inside = np.zeros(len(time), np.bool_)
    for start, end in spans:
        inside[np.searchsorted(time, start) : np.searchsorted(time, end, side="right")] = True
    return inside
