"""Work at the plant, announced: what rings meanwhile is no fault, is counted, and is forgotten at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from tocsin.alerting._zone import SECOND
from tocsin.core.errors import SettingError

_EXAMPLE = "For example: '2026-03-01T08:00Z/2026-03-01T12:00Z', or with the devices behind: '… pump-*'."


@dataclass(frozen=True)
class Maintenance:
    """From when to when some devices, or all, are worked at.

    Parameters
    ----------
    start, stop
        In ns since the epoch, UTC.
    pattern
        Of the devices' names, with ``*`` for any text.

    Examples
    --------
    >>> work = Maintenance.parse("2026-03-01T08:00Z/2026-03-01T12:00+01:00 pump-*")
    >>> (work.stop - work.start) // (3600 * 10**9), work.holds("pump-7"), work.holds("fan-1")
    (3, True, False)
    """

    start: int
    stop: int
    pattern: str = "*"

    @classmethod
    def parse(cls, text: str) -> Maintenance:
        """Return the work written as two moments with a stroke between, and a pattern of names behind.

        Raises
        ------
        SettingError
            If that is not how it is written, a moment does not say its zone, or the end comes first.
        """
        span, _, pattern = text.strip().partition(" ")
        first, stroke, last = span.partition("/")
        if not stroke:
            raise SettingError(f"{text!r} is no maintenance: it needs a start and an end.", remedy=_EXAMPLE)
        start, stop = _moment(first, text), _moment(last, text)
        if stop <= start:
            raise SettingError(f"The maintenance {text!r} ends before it begins.", remedy="Correct it.")
        return cls(start, stop, pattern.strip() or "*")

    def holds(self, device: str) -> bool:
        """Tell whether the device called ``device`` is worked at."""
        return fnmatchcase(device, self.pattern)


def _moment(word: str, text: str) -> int:
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise SettingError(f"{word!r} in {text!r} is no moment.", remedy=_EXAMPLE) from None
    offset = found.utcoffset()
    if offset is None:
        raise SettingError(f"{word!r} in {text!r} does not say its time zone.", remedy="Write Z behind it for UTC.")
    since = found.replace(tzinfo=None) - offset - datetime(1970, 1, 1)
    return since // timedelta(seconds=1) * SECOND
