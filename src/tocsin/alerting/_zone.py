"""What the clock on the wall shows, for many times at once, daylight saving included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.errors import SettingError

SECOND = 10**9
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def on_the_wall(time: IntArray, zone: str) -> IntArray:
    """Return local times, in ns since the epoch's midnight there, for times in ns since the epoch, UTC.

    The zone's clock is asked twice a day of the readings, not at each of them.

    >>> noon = np.array([1_700_000_000, 1_720_000_000]) * 10**9
    >>> ((on_the_wall(noon, "Europe/Berlin") - noon) // (3600 * 10**9)).tolist()
    [1, 2]
    """
    days, which = np.unique(time // DAY, return_inverse=True)
    told = np.array([_day(zone, int(day)) for day in days], np.int64).reshape(-1, 3)[which.reshape(time.shape)]
    before, change, after = np.moveaxis(told, -1, 0)
    return np.asarray(time + np.where(time < change, before, after))


def known_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises
    ------
    SettingError
        If there is none of that name.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"There is no time zone {name!r}.", remedy="For example: Europe/Berlin, America/New_York or UTC."
        ) from None
    return name


@cache
def _day(zone: str, day: int) -> tuple[int, int, int]:
    """Return the offset at a UTC day's beginning, when it changes, and the offset from then on, all in ns."""
    first, last = day * 86_400, (day + 1) * 86_400
    before, after = _offset(zone, first), _offset(zone, last)
    while before != after and last - first > 1:
        middle = (first + last) // 2
        first, last = (middle, last) if _offset(zone, middle) == before else (first, middle)
    return before * SECOND, last * SECOND, after * SECOND


def _offset(zone: str, second: int) -> int:
    local = (_EPOCH + timedelta(seconds=second)).astimezone(ZoneInfo(zone))
    return int((local.utcoffset() or timedelta()).total_seconds())
