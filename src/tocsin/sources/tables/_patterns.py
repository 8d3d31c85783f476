"""Telling in which format times are written, from the texts alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

import polars as pl

_SAMPLE = 200

_ISO_DATE = r"\d{4}-\d{1,2}-\d{1,2}"
_ISO = re.compile(rf"{_ISO_DATE}[T ]\d{{1,2}}:\d{{2}}(:\d{{2}}([.,]\d+)?)?\s*(Z|z|UTC|GMT|[+-]\d{{2}}(:?\d{{2}})?)?")
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"  # or a month: 18.00.00 is a time of day
_DATES = (
    (_ISO_DATE, "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{2}", "%d-%b-%y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    *((rf"{_DAY}{re.escape(s)}{_DAY}{re.escape(s)}\d{{4}}", f"%d{s}%m{s}%Y") for s in "/.-"),
    *((rf"{_DAY}{re.escape(s)}{_DAY}{re.escape(s)}\d{{2}}", f"%d{s}%m{s}%y") for s in "/.-"),
)
_CLOCKS = (
    (r"\d{1,2}:\d{2}:\d{2}(\.\d+)?", "%H:%M:%S"),
    (r"\d{1,2}:\d{2}", "%H:%M"),
    (r"\d{1,2}:\d{2}:\d{2} [AaPp][Mm]", "%I:%M:%S %p"),
    (r"\d{1,2}:\d{2} [AaPp][Mm]", "%I:%M %p"),
    (r"\d{1,2}\.\d{2}\.\d{2}", "%H.%M.%S"),
)
_JOINTS = (" ", "T", ".", "-")
_COMPACT = (
    (r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])[0-5]\d[0-5]\d", "%Y%m%d%H%M%S"),
    (r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", "%Y%m%d"),
)


@dataclass(frozen=True)
class Pattern:
    """How times are written.

    Parameters
    ----------
    time_format
        "iso" or a strptime pattern.
    holds
        "both", a "date" alone, or the time of day alone ("clock").
    note
        What had to be guessed, or "".
    """

    time_format: str
    holds: Literal["both", "date", "clock"]
    note: str = ""


def pattern_of(words: pl.Series, *, agree: float = 0.9) -> Pattern | None:
    """Return how the times in a text column are written, or None if it holds none.

    Parameters
    ----------
    words
        Text, null where missing.
    agree
        Share of the texts that must be written so; the others are times that cannot be read.

    Examples
    --------
    >>> pattern_of(pl.Series(["25-Apr-19 17:33:16", "25-Apr-19 17:33:21"])).time_format
    '%d-%b-%y %H:%M:%S'
    """
    sample = _sample(words)
    if not sample:
        return None
    if _fits(_ISO, sample, agree):
        return Pattern("iso", "both")
    for regex, time_format, holds in _known():
        if any(regex.fullmatch(text) for text in sample[:20]) and _fits(regex, sample, agree):
            return _settled(words, _with_fraction(time_format, sample), holds)
    return None


def compact_of(words: pl.Series) -> Pattern | None:
    """Return how dates are written as one number, such as 20240131 or 20240131235959, or None if they are not."""
    sample = _sample(words)
    for regex, time_format in _COMPACT:
        if sample and _fits(re.compile(regex), sample, 0.9):
            return Pattern(time_format, "date" if time_format == "%Y%m%d" else "both")
    return None


def _sample(words: pl.Series) -> list[str]:
    filled = words.drop_nulls()
    return [str(text) for text in filled.gather_every(max(1, len(filled) // _SAMPLE))]


def _fits(regex: re.Pattern[str], sample: list[str], agree: float) -> bool:
    return sum(regex.fullmatch(text) is not None for text in sample) >= agree * len(sample)


@cache
def _known() -> tuple[tuple[re.Pattern[str], str, Literal["both", "date", "clock"]], ...]:
    both = [
        (re.compile(date + re.escape(joint) + clock), day + joint + hour)
        for date, day in _DATES
        for clock, hour in _CLOCKS
        for joint in _JOINTS
    ]
    return (
        *((regex, text, "both") for regex, text in both),
        *((re.compile(date), day, "date") for date, day in _DATES),
        *((re.compile(clock), hour, "clock") for clock, hour in _CLOCKS),
    )


def _with_fraction(time_format: str, sample: list[str]) -> str:
    fraction = time_format.endswith("%H:%M:%S") and any(re.search(r":\d{2}\.\d+$", text) for text in sample)
    return time_format + "%.f" if fraction else time_format


def _settled(words: pl.Series, time_format: str, holds: Literal["both", "date", "clock"]) -> Pattern:
    if time_format == "%Y-%m-%d":
        return Pattern("iso", holds)
    if not re.match(r"%d[/.-]%m", time_format):
        return Pattern(time_format, holds)
    return _day_or_month(words, time_format, holds)


def _day_or_month(words: pl.Series, day_first: str, holds: Literal["both", "date", "clock"]) -> Pattern:
    """Decide what stands first: a number over 12 tells; else the reading under which the table spans less time."""
    month_first = re.sub(r"%d(.)%m", r"%m\1%d", day_first)
    first, second = _largest(words, r"^(\d{1,2})\D"), _largest(words, r"^\d{1,2}\D(\d{1,2})")
    if first > 12:
        return Pattern(day_first, holds)
    if second > 12:
        return Pattern(month_first, holds)
    shorter = min((day_first, month_first), key=lambda text: _span(words, text))
    order = "day before month" if shorter == day_first else "month before day"
    return Pattern(shorter, holds, f"dates such as {words.drop_nulls()[0]} could be read either way; read as {order}")


def _largest(words: pl.Series, regex: str) -> int:
    largest = words.str.extract(regex, 1).cast(pl.Int64, strict=False).max()
    return largest if isinstance(largest, int) else 0


def _span(words: pl.Series, time_format: str) -> int:
    stamps = words.str.to_datetime(time_format, strict=False, time_unit="us").dt.timestamp("us")
    low, high = stamps.min(), stamps.max()
    return high - low if isinstance(low, int) and isinstance(high, int) else 0
