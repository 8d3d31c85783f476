"""Hours in which nobody is to be called: what rings then is held back, counted, and told afterwards if it lasts."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from tocsin.alerting._zone import DAY, SECOND, known_zone, on_the_wall
from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.errors import SettingError

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_EXAMPLE = "For example: '22:00-06:00 Europe/Berlin', 'Sat,Sun', or 'Mon-Fri 12:00-13:00 Europe/Berlin'."


@dataclass(frozen=True)
class QuietHours:
    """Some hours of some days of the week, by the clock on the wall of a time zone.

    Parameters
    ----------
    days
        Those on which the hours begin, 0 for Monday.
    start, stop
        Minutes since midnight. Where ``stop`` is not later, the hours last until ``stop`` of the next day.
    zone
        The time zone's name.

    Examples
    --------
    >>> night = QuietHours.parse("22:00-06:00 Europe/Berlin")
    >>> at = np.array(["2026-01-10T20:59", "2026-01-10T21:00", "2026-07-10T20:00"], "datetime64[ns]").astype(np.int64)
    >>> night.cover(at).tolist()
    [False, True, True]
    """

    days: tuple[int, ...]
    start: int
    stop: int
    zone: str

    @classmethod
    def parse(cls, text: str) -> QuietHours:
        """Return the hours written as days, hours and a zone; each may be left out, but not days and hours.

        Raises
        ------
        SettingError
            If that is not how they are written, or there is no such zone.
        """
        words = text.split()
        days = _days(words[0]) if words else None
        words = words[1:] if days is not None else words
        hours = _hours(words[0], text) if words and words[0][0].isdigit() else None
        words = words[1:] if hours is not None else words
        if len(words) > 1 or (days is None and hours is None):
            raise SettingError(f"{text!r} are no quiet hours.", remedy=_EXAMPLE)
        start, stop = hours or (0, 24 * 60)
        return cls(days or tuple(range(7)), start, stop, known_zone(words[0] if words else "UTC"))

    def cover(self, time: IntArray) -> BoolArray:
        """Tell which times, int64, in ns since the epoch, lie in the hours; the result has their shape."""
        local = on_the_wall(time, self.zone)
        minutes = local % DAY // (60 * SECOND)
        # the epoch's first day was a Thursday
        begins = np.isin(np.arange(7), self.days)
        today, yesterday = (begins[(local // DAY + shift) % 7] for shift in (3, 2))
        if self.start < self.stop:
            return np.asarray(today & (minutes >= self.start) & (minutes < self.stop))
        return np.asarray((today & (minutes >= self.start)) | (yesterday & (minutes < self.stop)))


def _days(word: str) -> tuple[int, ...] | None:
    """Return the days of a word such as "Sat,Sun" or "Mon-Fri"; None where it is none."""
    found: set[int] = set()
    for part in word.split(","):
        ends = [day.strip().title()[:3] for day in part.split("-")]
        if len(ends) > 2 or not set(ends) <= set(_DAYS):
            return None
        first, last = _DAYS.index(ends[0]), _DAYS.index(ends[-1])
        found |= {(first + k) % 7 for k in range((last - first) % 7 + 1)}
    return tuple(sorted(found))


def _hours(word: str, text: str) -> tuple[int, int]:
    """Return the minutes at which the hours of a word such as "22:00-06:00" begin and end."""
    found = _HOURS.fullmatch(word)
    numbers = [int(part) for part in found.groups()] if found else [99] * 4
    start, stop = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if max(numbers[1], numbers[3]) > 59 or start >= 24 * 60 or stop > 24 * 60 or start == stop:
        raise SettingError(f"{word!r} in {text!r} are no hours.", remedy=_EXAMPLE)
    return start, stop
