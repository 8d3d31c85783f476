"""How long something lasts, as people write it: ``90s``, ``10min``, ``2h``, ``30d``."""

from __future__ import annotations

import re

from tocsin.core.errors import SettingError

_UNITS_NS = {
    "ms": 10**6,
    "s": 10**9,
    "min": 60 * 10**9,
    "h": 3_600 * 10**9,
    "d": 86_400 * 10**9,
    "w": 7 * 86_400 * 10**9,
}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|h|d|w)")
_LONGEST_NS = 36_600 * 86_400 * 10**9


def duration_ns(written: str, *, where: str, without: str = "") -> int:
    """Return a time in ns.

    Parameters
    ----------
    written
        Such as "90s", "10min", "2h", "30d" or "2w".
    where
        The setting's name, for the message.
    without
        A word that stands for 0, such as "never"; "" where there is none.

    Raises
    ------
    SettingError
        If it is no such time.

    Examples
    --------
    >>> duration_ns("10min", where="--since") // 10**9, duration_ns("never", where="keep", without="never")
    (600, 0)
    """
    text = str(written).strip()
    if without and text == without:
        return 0
    found = _WRITTEN.fullmatch(text)
    ns = round(float(found[1]) * _UNITS_NS[found[2]]) if found else 0
    if not 0 < ns <= _LONGEST_NS:
        other = f", or '{without}'" if without else ""
        raise SettingError(
            f"{where} is {written!r}, which is no time.", remedy=f"For example: 90s, 10min, 2h, 30d{other}."
        )
    return ns


def in_short(ns: int) -> str:
    """Return a time in the largest unit of which it is at least two, or one exactly, rounded.

    >>> [in_short(seconds * 10**9) for seconds in (0.4, 42, 60, 100, 5400, 7200, 200_000)]
    ['0.4s', '42s', '1min', '100s', '90min', '2h', '2d']
    """
    for unit in ("d", "h", "min"):
        if ns >= 2 * _UNITS_NS[unit] or ns == _UNITS_NS[unit]:
            return f"{ns / _UNITS_NS[unit]:.0f}{unit}"
    return f"{ns / 1e9:.0f}s" if ns >= 10**10 else f"{ns / 1e9:.3g}s"
