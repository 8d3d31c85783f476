"""How long something must last: in windows, in time, or in both, written as ``3`` or ``10min``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.core.errors import SettingError

_UNITS_NS = {"s": 10**9, "min": 60 * 10**9, "h": 3_600 * 10**9, "d": 86_400 * 10**9}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*(s|min|h|d)")
_LONGEST_NS = 3_660 * 86_400 * 10**9
_MOST = 1_000_000_000


@dataclass(frozen=True)
class Span:
    """So many windows and so much time; both must have passed.

    Parameters
    ----------
    windows
        Windows in a row.
    ns
        Time from the first of them to the last, in ns.

    Examples
    --------
    >>> Span.parse(3, name="raise_after"), Span.parse("10min", name="raise_after")
    (Span(windows=3, ns=0), Span(windows=1, ns=600000000000))
    >>> str(Span(1, 90 * 10**9)), str(Span(3))
    ('90s', '3 windows')
    """

    windows: int
    ns: int = 0

    @classmethod
    def parse(cls, written: object, *, name: str, least: int = 1, of: str = "windows") -> Span:
        """Return what is written as a count of windows, or as a time.

        Parameters
        ----------
        written
            A whole number, or a text such as "3", "90s", "10min", "2h" or "1d".
        name
            The setting's, for the message.
        least
            The smallest count that makes sense; a time stands for as many windows at least.
        of
            What is counted, for the message.

        Raises
        ------
        SettingError
            If it is neither.
        """
        text = str(written).strip()
        if not isinstance(written, bool | float) and text.isdecimal() and least <= int(text) <= _MOST:
            return cls(int(text))
        found = _WRITTEN.fullmatch(text)
        ns = round(float(found[1]) * _UNITS_NS[found[2]]) if found else 0
        if not 0 < ns <= _LONGEST_NS:
            says = f"{name} {{}}" if name.startswith("--") else f"{name} = {{!r}}"
            raise SettingError(
                f"{name} must be a whole number of {of} from {least}, or a time, not {written!r}.",
                remedy=f"For example: {says.format(max(least, 3))}, or {says.format('10min')} (or in s, h, d).",
            )
        return cls(min(least, 1), ns)

    def __str__(self) -> str:
        if not self.ns:
            return f"{self.windows} window{'s' if self.windows != 1 else ''}"
        return f"{_time(self.ns)} and {self.windows} windows" if self.windows > 1 else _time(self.ns)


def _time(ns: int) -> str:
    """Return a time in the largest unit of which it is a whole number, and seconds where it is none."""
    for unit, size in reversed(_UNITS_NS.items()):
        if ns % size == 0:
            return f"{ns // size}{unit}"
    return f"{ns / 1e9:.9g}s"
