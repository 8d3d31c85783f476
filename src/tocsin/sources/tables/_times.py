"""Turning time columns into nanoseconds since the epoch, whole columns at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, BoolArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._folds import unfold
from tocsin.sources.tables._fractions import from_fractions

_EPOCH = {"epoch_s": 10**9, "epoch_ms": 10**6, "epoch_us": 10**3, "epoch_ns": 1}
_CLOCKS = ("%H:%M:%S", "%H:%M:%S%.f", "%H:%M")
_ISO_BLANK = tuple(f"%Y-%m-%d {clock}" for clock in _CLOCKS)
_ISO_T = tuple(f"%Y-%m-%dT{clock}" for clock in _CLOCKS)
_ZONED = r"^(.*:\d\d(?:\.\d+)?)\s*(?:Z|z|UTC|GMT|([+-])(\d\d):?(\d\d)?)$"
_LAST_US = 9_223_372_036_854_000  # later (and, negative, earlier) stamps do not fit 64 bits of nanoseconds
_HOUR = 3_600 * 10**9


def parse_times(
    columns: Sequence[pl.Series], time_format: str, *, timezone: str, device: IntArray | None = None
) -> IntArray:
    """Return the times that one column, or two joined by a blank, hold.

    Parameters
    ----------
    columns
        One column of any type, or a date and a time of day.
    time_format
        As in :class:`tocsin.sources.Layout`, but not "row".
    timezone
        The zone of stamps that name none. In a repeated hour that pass is meant which suits the readings before; a
        skipped stamp takes the offset in force before.
    device
        ndarray of shape (rows,), int64: index of the device; None where all rows are of one.

    Returns
    -------
    ndarray of shape (rows,), int64
        Nanoseconds since the epoch, UTC; NEVER where the time cannot be read.

    Raises
    ------
    SettingError
        If there is no such time zone, or the format is no format.
    """
    first = _parsed(columns, time_format, timezone)
    if timezone == "UTC" or time_format in _EPOCH:
        return first
    second = np.where(_names_zone(columns, time_format), first, _later(first, timezone))
    return unfold(first, second, np.zeros(len(first), np.int64) if device is None else device)


def _parsed(columns: Sequence[pl.Series], time_format: str, timezone: str) -> IntArray:
    """Read times; in a repeated hour the first pass is meant."""
    if len(columns) == 1 and columns[0].dtype.is_temporal():
        return _native(columns[0], timezone)
    if time_format in _EPOCH:
        return _from_epoch(columns[0], _EPOCH[time_format])
    text = joined(columns)
    if time_format == "iso":
        return _from_iso(text, timezone)
    found = _strptime(text, time_format)
    return found if re.search("%#?z", time_format) else _to_utc(found, timezone)


def joined(columns: Sequence[pl.Series]) -> pl.Series:
    """Return the text of one column, or of two joined by a blank, without blanks around it."""
    words = [column.cast(pl.String).str.strip_chars() for column in columns]
    return words[0] if len(words) == 1 else words[0] + " " + words[1]


def _native(column: pl.Series, timezone: str) -> IntArray:
    if not isinstance(column.dtype, pl.Datetime | pl.Date):
        return np.full(len(column), NEVER, np.int64)
    found = _from_us(column.cast(pl.Datetime("us")).dt.timestamp("us"))
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_unit == "ns":
        found = _ints(column.dt.timestamp("ns"))
    zoned = isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    return found if zoned else _to_utc(found, timezone)


def _from_epoch(column: pl.Series, unit_ns: int) -> IntArray:
    """Whole numbers are exact; fractions are exact to the microsecond where a double holds no more."""
    amounts = column.str.strip_chars() if column.dtype == pl.String else column
    if amounts.dtype.is_float() or amounts.dtype.is_decimal():
        return from_fractions(amounts.cast(pl.Float64).to_numpy(), unit_ns)
    whole = _ints(amounts.cast(pl.Int64, strict=False))
    fits = (whole != NEVER) & (np.abs(whole) <= (2**63 - 1) // unit_ns)
    found = np.where(fits, np.where(fits, whole, 0) * unit_ns, NEVER)
    fractions = (whole == NEVER) & amounts.is_not_null().to_numpy()
    if fractions.any():
        rest = amounts.filter(pl.Series(fractions)).cast(pl.Float64, strict=False)
        found[fractions] = from_fractions(rest.to_numpy(), unit_ns)
    return found


def _from_iso(text: pl.Series, timezone: str) -> IntArray:
    """Read naive stamps and those with a zone, which may differ from row to row; whichever is frequent comes first."""
    found = np.full(len(text), NEVER, np.int64)
    ways: list[Callable[[pl.Series], IntArray]] = [lambda part: _to_utc(_naive_iso(part), timezone), _zoned_iso]
    if text.drop_nulls().head(20).str.contains(_ZONED).any():
        ways.reverse()
    for way in ways:
        _fill(found, text, way)
    return found


def _naive_iso(text: pl.Series) -> IntArray:
    found = np.full(len(text), NEVER, np.int64)
    likely, other = (_ISO_T, _ISO_BLANK) if text.head(20).str.contains("T").any() else (_ISO_BLANK, _ISO_T)
    for pattern in (*likely, *other, "%Y-%m-%d"):
        _fill(found, text, lambda part, pattern=pattern: _strptime(part, pattern))  # type: ignore[misc]  # default argument
    _fill(found, text, lambda part: _strptime(part.str.replace(",", ".", literal=True), "%Y-%m-%d %H:%M:%S%.f"))
    return found


def _zoned_iso(text: pl.Series) -> IntArray:
    """Read stamps with a zone; where all mean UTC, as most do, the costly look at offsets is spared."""
    if text.str.ends_with("Z").all():
        return _naive_iso(text.str.strip_suffix("Z"))
    groups = (
        text.str.extract_groups(_ZONED)
        .struct.unnest()
        .rename({"1": "stamp", "2": "sign", "3": "hours", "4": "minutes"})
    )
    minutes = pl.col("hours").cast(pl.Int64).fill_null(0) * 60 + pl.col("minutes").cast(pl.Int64).fill_null(0)
    offset = groups.select(pl.when(pl.col("sign") == "-").then(-minutes).otherwise(minutes).fill_null(0)).to_series()
    found = _naive_iso(groups["stamp"])
    return np.where(found == NEVER, NEVER, found - offset.to_numpy() * 60 * 10**9)


def _fill(found: IntArray, text: pl.Series, way: Callable[[pl.Series], IntArray]) -> None:
    """Read, ``way``, the rows of ``text`` that ``found`` lacks."""
    lacking: BoolArray = (found == NEVER) & text.is_not_null().to_numpy()
    if lacking.all():
        found[:] = way(text)
    elif lacking.any():
        found[lacking] = way(text.filter(pl.Series(lacking)))


def _strptime(text: pl.Series, pattern: str) -> IntArray:
    try:
        stamps = text.str.to_datetime(pattern, strict=False, time_unit="us")
        found = _from_us(stamps.dt.timestamp("us"))
        if "%.f" in pattern and text.str.contains(r"\.\d{7}").any():
            fine = text.str.to_datetime(pattern, strict=False, time_unit="ns").dt.timestamp("ns")
            found = np.where(found == NEVER, NEVER, _ints(fine))
    except pl.exceptions.PolarsError:
        raise SettingError(
            f"{pattern!r} is no time format.",
            remedy="Write one such as '%d/%m/%Y %H:%M:%S', or 'iso', or 'epoch_s'.",
            fixes=(Fix("Guess how times are written", {"time_format": None}),),
        ) from None
    return found


def _from_us(stamps: pl.Series) -> IntArray:
    us = _ints(stamps)
    fits = (us != NEVER) & (us <= _LAST_US) & (us >= -_LAST_US)
    return np.where(fits, np.where(fits, us, 0) * 1000, NEVER)


def _ints(whole: pl.Series) -> IntArray:
    return whole.fill_null(NEVER).to_numpy().astype(np.int64, copy=False)


def _to_utc(naive: IntArray, timezone: str) -> IntArray:
    if timezone == "UTC":
        return naive
    stamps = pl.Series(naive).set(pl.Series(naive == NEVER), None)
    there = _in_zone(stamps, timezone)
    before = _in_zone(stamps - _HOUR, timezone) + _HOUR
    return _ints(there.fill_null(before))


def _later(first: IntArray, timezone: str) -> IntArray:
    """Return the times that the same local stamps mean in the second pass of a repeated hour."""
    stamps = pl.Series(first).set(pl.Series(first == NEVER), None).cast(pl.Datetime("ns", "UTC"))
    local = stamps.dt.convert_time_zone(timezone).dt.replace_time_zone(None)
    return _ints(local.dt.replace_time_zone(timezone, ambiguous="latest").dt.timestamp("ns"))


def _names_zone(columns: Sequence[pl.Series], time_format: str) -> BoolArray:
    """Tell which rows say themselves in which zone they are."""
    kind = columns[0].dtype
    if len(columns) == 1 and kind.is_temporal():
        return np.full(len(columns[0]), isinstance(kind, pl.Datetime) and kind.time_zone is not None)
    if time_format == "iso":
        return joined(columns).str.contains(_ZONED).fill_null(value=False).to_numpy()
    return np.full(len(columns[0]), re.search("%#?z", time_format) is not None)


def _in_zone(stamps: pl.Series, timezone: str) -> pl.Series:
    try:
        local = stamps.cast(pl.Datetime("ns")).dt.replace_time_zone(timezone, ambiguous="earliest", non_existent="null")
    except pl.exceptions.PolarsError:
        raise SettingError(
            f"There is no time zone {timezone!r}.",
            remedy="Write one such as Europe/Berlin.",
            fixes=(Fix("Take times as UTC", {"timezone": "UTC"}),),
        ) from None
    return local.dt.timestamp("ns")
