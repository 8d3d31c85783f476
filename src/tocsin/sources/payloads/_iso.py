"""A block of ISO 8601 stamps that are all written alike, read by arithmetic on their digits."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from tocsin.core.arrays import ByteArray, IntArray

_DIGITS = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18]
_SIGNS = {4: b"-", 7: b"-", 13: b":", 16: b":"}
_ZONE = re.compile(r"Z$|[+-]\d\d:\d\d$", re.ASCII)
_SECOND = 10**9


def read_alike(texts: Sequence[str]) -> tuple[IntArray, bool] | None:
    """Return the times in ns, and whether they name their zone, which is "Z" or an offset that all share.

    None where they are not all written ``2026-01-31T23:59:59.999Z`` with equally many digits; "T" may be a blank, and
    fraction and zone may be missing. A stamp without zone is taken as UTC.

    >>> times, zoned = read_alike(["1970-01-01T00:00:01.5Z", "1970-01-02T00:00:00.0Z"])
    >>> times.tolist(), zoned
    ([1500000000, 86400000000000], True)
    >>> read_alike(["1970-01-01", "yesterday"]) is None
    True
    """
    zone = _ZONE.search(texts[0]) if texts else None
    ending = zone[0] if zone else ""
    if not all(text.endswith(ending) for text in texts):
        return None
    found = _naive([text[: len(text) - len(ending)] for text in texts] if ending else texts)
    offset = _offset_ns(ending)
    return None if found is None or offset is None else (found - offset, bool(ending))


def _offset_ns(ending: str) -> int | None:
    """Return by how much a zone is ahead of UTC; None where it is none that is in use."""
    if len(ending) < 6:
        return 0
    hours, minutes = int(ending[1:3]), int(ending[4:6])
    ahead = (hours * 60 + minutes) * 60 * _SECOND
    return None if hours > 14 or minutes > 59 else -ahead if ending[0] == "-" else ahead


def _naive(texts: Sequence[str]) -> IntArray | None:
    width = len(texts[0]) if texts else 0
    if not 19 <= width <= 29 or any(len(text) != width for text in texts):
        return None
    try:
        letters = np.array(texts, f"S{width}").view(np.uint8).reshape(len(texts), width)
    except UnicodeEncodeError:
        return None
    fraction = _fraction(letters[:, 19:])
    if fraction is None or not _signs_fit(letters):
        return None
    digits = letters[:, _DIGITS].astype(np.int64) - 48
    if ((digits < 0) | (digits > 9)).any():
        return None
    seconds = _seconds(digits)
    return None if seconds is None else seconds * _SECOND + fraction


def _signs_fit(letters: ByteArray) -> bool:
    joint = letters[:, 10]
    fits = all((letters[:, place] == ord(sign)).all() for place, sign in _SIGNS.items())
    return fits and bool(((joint == ord("T")) | (joint == ord(" "))).all())


def _fraction(rest: ByteArray) -> IntArray | None:
    """Return the ns that stand behind the whole seconds; None where that is no fraction."""
    count = rest.shape[1] - 1
    if count < 0:
        return np.zeros(len(rest), np.int64)
    digits = rest[:, 1:].astype(np.int64) - 48
    if not 1 <= count <= 9 or (rest[:, 0] != ord(".")).any() or ((digits < 0) | (digits > 9)).any():
        return None
    return np.asarray(digits @ 10 ** np.arange(8, 8 - count, -1))


def _seconds(digits: IntArray) -> IntArray | None:
    """Return s since the epoch of 14 digits each; None where one is no date, or does not fit 64 bits of ns."""
    pairs = digits[:, 0::2] * 10 + digits[:, 1::2]
    year, (month, day, hour, minute, second) = pairs[:, 0] * 100 + pairs[:, 1], pairs[:, 2:].T
    if ((year < 1678) | (year > 2261) | (month < 1) | (month > 12)).any():
        return None
    months = (year - 1970) * 12 + month - 1
    first, following = _first_day(months), _first_day(months + 1)
    if ((day < 1) | (day > following - first) | (hour > 23) | (minute > 59) | (second > 59)).any():
        return None
    return np.asarray((((first + day - 1) * 24 + hour) * 60 + minute) * 60 + second)


def _first_day(months: IntArray) -> IntArray:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
