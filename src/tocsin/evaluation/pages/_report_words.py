"""Numbers, moments and durations as people read them, and text made safe for a page."""

from __future__ import annotations

import html
import math
import re
from datetime import datetime, timedelta

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_UNITS_NS = (("d", 86_400 * 10**9), ("h", 3_600 * 10**9), ("min", 60 * 10**9), ("s", 10**9))
_DAY_NS = 86_400 * 10**9
_LONG_NS = (
    ("year", 31_557_600 * 10**9),
    *zip(("day", "hour", "minute", "second"), (size for _, size in _UNITS_NS), strict=True),
)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def safe(text: str) -> str:
    """Return ``text`` for use in HTML text and attributes; characters that no page may hold become �.

    Marks that turn the direction of writing go too: a channel's name must not rearrange the numbers beside it.
    """
    return html.escape(clean(text))


def clean(text: str) -> str:
    """Return ``text`` without control characters, direction overrides and lone surrogates."""
    return _UNPRINTABLE.sub("\ufffd", text)


def number(value: float) -> str:
    """Return ``value`` with four digits that count.

    >>> number(1234567.0), number(0.01234567), number(3.2), number(float("inf")), number(float("nan"))
    ('1,234,567', '0.01235', '3.2', '∞', '–')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1000 and abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def times(severity: float) -> str:
    """Return a severity as a multiple of the limit.

    >>> times(3.21), times(47.3), times(float("inf"))
    ('3.2×', '47×', '∞')
    """
    if math.isinf(severity) or math.isnan(severity):
        return number(severity)
    return f"{severity:.1f}×" if severity < 10 else f"{severity:,.0f}×" if severity < 1e6 else f"{severity:.1e}×"


def percent(part: float | None) -> str:
    r"""Return a share as a percentage; "–" where there is none.

    >>> percent(0.123), percent(0.0004), percent(1.0), percent(0.99996), percent(None)
    ('12.3\xa0%', '0.04\xa0%', '100\xa0%', '>\xa099.9\xa0%', '–')
    """
    if part is None or math.isnan(part):
        return "–"
    if 0.999 < part < 1:
        return ">\u00a099.9\u00a0%"
    text = f"{100 * part:.2g}" if 0 < part < 0.001 else f"{100 * part:.1f}".removesuffix(".0")
    return f"{text}\u00a0%"


def count(amount: int, noun: str) -> str:
    """Return ``amount`` with its noun in the right number.

    >>> count(1, "incident"), count(1200, "reading")
    ('1 incident', '1,200 readings')
    """
    return f"{amount:,} {noun}" if amount == 1 else f"{amount:,} {noun}s"


def moment(time: int, *, row_clock: bool = False, long: bool = False, after: int | None = None) -> str:
    """Return a time in ns (UTC) or a row number as people say it; ``after`` spares the day or the year.

    >>> moment(1709475600_000000000), moment(1709475605_000000000, long=True), moment(120, row_clock=True)
    ('3 Mar 2024, 14:20', '3 March 2024 at 14:20:05', 'row 120')
    >>> hour = 3600 * 10**9
    >>> moment(474854 * hour, after=474851 * hour), moment(474854 * hour, after=474800 * hour)
    ('14:00', '3 Mar, 14:00')
    """
    if row_clock:
        return f"row {time:,}"
    when = datetime(1970, 1, 1) + timedelta(microseconds=time // 1000)
    month = MONTHS[when.month - 1] if long else MONTHS[when.month - 1][:3]
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    if after is not None and after // _DAY_NS == time // _DAY_NS:
        return clock
    if after is not None and moment(after).split(",")[0][-4:] == str(when.year):
        return f"{when.day} {month}, {clock}"
    return f"{when.day} {month} {when.year}{' at ' if long else ', '}{clock}"


def duration(span: int, *, row_clock: bool = False) -> str:
    """Return a length of time in ns, or of rows, in at most two units.

    >>> minute = 60 * 10**9
    >>> duration(200 * minute), duration(3000 * minute), duration(90 * 10**9), duration(0), duration(12, row_clock=True)
    ('3 h 20 min', '2 d 2 h', '1 min 30 s', 'one reading', '12 rows')
    """
    if row_clock:
        return count(span, "row")
    if span <= 0:
        return "one reading"
    for k, (unit, size) in enumerate(_UNITS_NS):
        if span >= size:
            whole, rest = divmod(span, size)
            finer = rest // _UNITS_NS[k + 1][1] if k + 1 < len(_UNITS_NS) else 0
            return f"{whole} {unit}" + (f" {finer} {_UNITS_NS[k + 1][0]}" if finer else "")
    return f"{span / 1e6:.3g} ms"


def roughly(span: int, *, row_clock: bool = False) -> str:
    """Return a length of time in ns, or of rows, in the one unit that suits a headline.

    >>> roughly(45 * 86_400 * 10**9 + 5), roughly(30 * 3_600 * 10**9), roughly(10**9), roughly(120, row_clock=True)
    ('45 days', '30 hours', '1 second', '120 rows')
    """
    if row_clock:
        return count(span, "row")
    for unit, size in _LONG_NS:
        if span >= (2 * size if unit != "second" else size):
            return count(round(span / size), unit)
    return f"{span / 1e6:.3g} ms"
