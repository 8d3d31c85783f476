"""Times as JSON has them: RFC 3339 in UTC with as many digits as needed, or whole numbers where rows are the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

import numpy as np

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.errors import InputError

_FAR = 1 << 62
"""Beyond all times that readings have."""

_UNITS: tuple[tuple[int, Literal["s", "ms", "us", "ns"]], ...] = ((10**9, "s"), (10**6, "ms"), (10**3, "us"), (1, "ns"))


def stamps(time: IntArray, *, rows: bool) -> list[str | int | None]:
    """Return times, None for those that are none.

    Parameters
    ----------
    time
        ndarray of shape (n,), int64: ns since the epoch, or row numbers.
    rows
        Are they row numbers?

    Examples
    --------
    >>> stamps(np.array([0, 1_500_000_000]), rows=False), stamps(np.array([0, 7]), rows=True)
    (['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.500Z'], [0, 7])
    """
    if rows:
        return [None if place == NEVER else place for place in time.tolist()]
    known = time[time != NEVER]
    unit = next(name for size, name in _UNITS if not (known % size).any())
    text = np.strings.add(np.datetime_as_string(time.astype("datetime64[ns]"), unit=unit), "Z")
    return [None if one == "NaTZ" else one for one in text.tolist()]


def moment(text: str, *, rows: bool) -> int:
    """Return the ns, or the row, that a person or program means.

    >>> moment("1970-01-01T00:00:01.5Z", rows=False), moment("1970-01-01T01:00:00+01:00", rows=False)
    (1500000000, 0)
    >>> moment("7", rows=True)
    7

    Raises
    ------
    InputError
        If it is no time, or no number.
    """
    try:
        found = int(float(text)) if rows else _ns(text)
    except (ValueError, OverflowError):
        raise InputError(
            f"{text[:60]!r} is no {'row number' if rows else 'time'}.",
            remedy="Give a row's number." if rows else "Give one such as 2026-03-01T08:00:00Z.",
        ) from None
    return max(-_FAR, min(found, _FAR))


def _ns(text: str) -> int:
    when = datetime.fromisoformat(text)
    since = (when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1) * 1000
