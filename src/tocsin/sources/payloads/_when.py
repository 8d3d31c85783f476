"""Times as messages write them: numbers and texts, mixed, a whole block at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import compress
from typing import Any

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.errors import MissingExtraError
from tocsin.core.live import Expected
from tocsin.sources.payloads._iso import read_alike
from tocsin.sources.tables._fractions import from_fractions

_UNITS = {"epoch_s": 10**9, "epoch_ms": 10**6, "epoch_us": 10**3, "epoch_ns": 1}
_BOUNDS = np.array([10**11, 10**14, 10**17])  # from there on it can only be ms, µs, ns
_NUMERIC = re.compile(r"-?\d+(\.\d+)?")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?")
_FAR = 2**62


def read_times(written: Sequence[object], expect: Expected) -> IntArray:
    """Return ndarray of shape (n,), int64: ns since the epoch, UTC; NEVER where a time cannot be read.

    Numbers count from the epoch, in the unit that the expected format says, else in that which their magnitude tells.
    Texts are in the expected format, or ISO 8601, or such numbers. They come out as they do from a file with the same
    texts.

    >>> read_times([1_700_000_000, 1_700_000_000_000, "2023-11-14T22:13:20Z", None], Expected()).tolist()[:3]
    [1700000000000000000, 1700000000000000000, 1700000000000000000]
    """
    kinds = set(map(type, written))
    if len(kinds) == 1:
        return _alike(written, kinds.pop(), expect)
    found = np.full(len(written), NEVER)
    for kind in kinds:
        mine = np.array([type(value) is kind for value in written])
        found[mine] = _alike(list(compress(written, mine)), kind, expect)
    return found


def joined(first: object, second: object) -> object:
    """Return a date and a time of day as one text, in whichever order they come; else what came first.

    >>> joined("2026-01-31", "12:00:00"), joined("12:00", "31.01.2026"), joined(5, "12:00")
    ('2026-01-31 12:00:00', '31.01.2026 12:00', 5)
    """
    if not isinstance(first, str) or not isinstance(second, str):
        return first
    if _CLOCK.fullmatch(first.strip()):
        return f"{second.strip()} {first.strip()}"
    return first if ":" in first or first.strip().isdecimal() else f"{first.strip()} {second.strip()}"


def _alike(written: Sequence[Any], kind: type[object], expect: Expected) -> IntArray:
    if kind is str:
        return _texts(written, expect)
    return _numbers(written, expect) if kind in (int, float) else np.full(len(written), NEVER)


def _numbers(amounts: Sequence[float], expect: Expected) -> IntArray:
    if expect.time_format and not expect.time_format.startswith("epoch") and expect.time_format != "iso":
        dated = _formatted([str(amount) for amount in amounts], expect)
        if (dated != NEVER).any():
            return dated
    if isinstance(amounts[0], int):
        return _whole(amounts, expect)
    return _fractions(np.array(amounts, np.float64), expect)


def _whole(amounts: Sequence[float], expect: Expected) -> IntArray:
    try:
        count = np.array(amounts, np.int64)
    except OverflowError:
        count = np.array([amount if abs(amount) < _FAR else NEVER for amount in amounts])
    unit = _unit(np.abs(np.where(count == NEVER, 0, count)), expect)
    fits = (count != NEVER) & (np.abs(np.where(count == NEVER, 0, count)) <= (2**63 - 1) // unit)
    return np.where(fits, np.where(fits, count, 0) * unit, NEVER)


def _fractions(amount: FloatArray, expect: Expected) -> IntArray:
    """Read numbers with a fraction as a file's are: exact to the µs where a double holds no more."""
    found = np.full(len(amount), NEVER)
    with np.errstate(invalid="ignore"):
        unit = _unit(np.where(np.isfinite(amount), np.abs(amount), 0.0), expect)
    for ns in _UNITS.values():
        if (mine := unit == ns).any():
            found[mine] = from_fractions(amount[mine], ns)
    return found


def _unit(size: FloatArray | IntArray, expect: Expected) -> IntArray:
    if expect.time_format in _UNITS:
        return np.full(len(size), _UNITS[expect.time_format])
    return np.array(list(_UNITS.values()))[np.searchsorted(_BOUNDS, size, side="right")]


def _texts(texts: Sequence[str], expect: Expected) -> IntArray:
    found = np.full(len(texts), NEVER)
    if expect.time_format and expect.time_format != "iso" and not expect.time_format.startswith("epoch"):
        found = _formatted(texts, expect)
    if (left := found == NEVER).all():
        alike = read_alike(texts)
        if alike is not None:
            return alike[0] if alike[1] or expect.timezone == "UTC" else _local(alike[0], expect.timezone)
    if left.any():
        found[left] = _others(list(compress(texts, left)), expect)
    return found


def _by_length(texts: Sequence[str]) -> IntArray:
    """Read what arithmetic can read, where there is nothing else: stamps of a length are written alike."""
    found, lengths = np.full(len(texts), NEVER), np.array([len(text) for text in texts])
    for length in set(lengths.tolist()):
        mine = lengths == length
        if (alike := read_alike(list(compress(texts, mine)))) is not None:
            found[mine] = alike[0]
    return found


@cache
def _polars() -> bool:
    return find_spec("polars") is not None


def check_times(expect: Expected) -> None:
    """Refuse at once what cannot be read without Polars: other formats than ISO 8601 and numbers, and local time.

    Raises
    ------
    MissingExtraError
        If they are expected, and Polars is not installed.
    """
    plain = expect.time_format in ("", "iso", *_UNITS)
    if not (plain and expect.timezone == "UTC") and not _polars():
        raise MissingExtraError("Reading local time and formats of one's own", extra="files", library="polars")


def _local(naive: IntArray, timezone: str) -> IntArray:
    import polars as pl

    from tocsin.sources.tables._times import parse_times

    return parse_times([pl.Series(naive).cast(pl.Datetime("ns"))], "iso", timezone=timezone)


def _others(texts: Sequence[str], expect: Expected) -> IntArray:
    """Read texts that are not all written alike."""
    found = np.full(len(texts), NEVER)
    numeric: BoolArray = np.array([_NUMERIC.fullmatch(text.strip()) is not None for text in texts])
    if numeric.any():
        amounts = [_number(text.strip()) for text in compress(texts, numeric)]
        found[numeric] = read_times(amounts, Expected(time_format=expect.time_format))
    if not numeric.all():
        rest = list(compress(texts, ~numeric))
        iso = Expected(time_format="iso", timezone=expect.timezone)
        found[~numeric] = _formatted(rest, iso) if _polars() else _by_length(rest)
    return found


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _formatted(texts: Sequence[str], expect: Expected) -> IntArray:
    import polars as pl

    from tocsin.sources.tables._times import parse_times

    return parse_times([pl.Series(list(texts), dtype=pl.String)], expect.time_format, timezone=expect.timezone)
