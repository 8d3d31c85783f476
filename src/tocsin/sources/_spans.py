"""Durations as people say them."""

from __future__ import annotations

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
    """Return a duration in its largest fitting unit.

    >>> in_words(600 * 10**9), in_words(129_600 * 10**9), in_words(20_000_000)
    ('10 min', '1.5 d', '20 ms')
    """
    for size, unit in _STEPS:
        if nanoseconds >= size:
            return f"{nanoseconds / size:.3g} {unit}"
    return "0 s"
