"""Values as messages write them: numbers, numbers as text, switches, and what means "missing"."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

import numpy as np

from tocsin.core.arrays import FloatArray

_PLAIN = frozenset({float, int, bool, type(None)})
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?(nan|inf|infinity)", re.IGNORECASE)
_SWITCHES = {"true": 1.0, "false": 0.0}


def read_numbers(written: Sequence[object], missing: Collection[str]) -> tuple[FloatArray, tuple[int, ...]]:
    """Return ndarray of shape (n,), float64, NaN where missing, and the places where there is no number at all.

    >>> read_numbers([21.5, "40.25", True, None, "n/a", "hot"], {"n/a"})
    (array([21.5 , 40.25,  1.  ,   nan,   nan,   nan]), (5,))
    """
    if _PLAIN.issuperset(map(type, written)):
        try:
            return np.array(written, np.float64), ()
        except OverflowError:
            pass
    found = [read_number(value, missing) for value in written]
    wrong = tuple(place for place, value in enumerate(found) if value is None)
    return np.array(found, np.float64), wrong


def read_number(value: object, missing: Collection[str]) -> float | None:
    """Return a value as a number, NaN where it is missing, None where it is none.

    >>> read_number("1e3", ()), read_number([1], ())
    (1000.0, None)
    """
    if value is None:
        return math.nan
    if isinstance(value, bool | float):
        return float(value)
    if isinstance(value, int):
        return float(value) if abs(value) < 1 << 1023 else None
    return _from_text(value.strip(), missing) if isinstance(value, str) else None


def _from_text(text: str, missing: Collection[str]) -> float | None:
    if text in missing or not text:
        return math.nan
    if _NUMBER.fullmatch(text):
        return float(text)
    return _SWITCHES.get(text.lower())
