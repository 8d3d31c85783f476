"""Durations as people say them."""

from __future__ import annotations

_YEAR = 31_557_600 * 10**9
_STEPS = (
    (86_400 * 10**9, "d"),
    (3_600 * 10**9, "h"),
    (60 * 10**9, "min"),
    (10**9, "s"),
    (10**6, "ms"),
    (10**3, "µs"),
    (1, "ns"),
)


def in_words(nanoseconds: int) -> str:
    """Return a duration in its largest fitting unit; years from two on.

    >>> in_words(600 * 10**9), in_words(129_600 * 10**9), in_words(20_000_000), in_words(75 * 365 * 86_400 * 10**9)
    ('10 min', '1.5 d', '20 ms', '74.9 years')
    """
    if nanoseconds >= 2 * _YEAR:
        return f"{nanoseconds / _YEAR:.3g} years"
    for size, unit in _STEPS:
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return "0 s"
