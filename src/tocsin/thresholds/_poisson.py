"""Counts of rare things: between what their true rate lies, and how many more the time ahead will bring."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

_HALVINGS = 60
"""Halvings of an interval after which a float64 has no more digits to gain."""


def at_most(count: int, mean: float) -> float:
    """Return the chance that a Poisson number of that mean is ``count`` or less.

    >>> round(at_most(2, 5.322), 3)
    0.1
    """
    if mean <= 0:
        return 1.0
    logs = np.cumsum(np.log(mean) - np.log(np.arange(1, count + 1)))
    return float(min(np.exp(-mean) + np.exp(logs - mean).sum(), 1.0)) if count >= 0 else 0.0


def highest(count: int, confidence: float) -> float:
    """Return the greatest mean that ``count`` does not speak against: above the true one with that confidence.

    The upper end of Garwood's exact interval (1936, "Fiducial limits for the Poisson distribution", Biometrika 28).

    >>> round(highest(0, 0.9), 3), round(highest(2, 0.9), 3)
    (2.303, 5.322)
    """
    top = 4.0 * (count + 3) - 3 * math.log(1 - confidence)
    return solve(lambda mean: at_most(count, mean) > 1 - confidence, top=top)


def lowest(count: int, confidence: float) -> float:
    """Return the least mean that ``count`` does not speak against: below the true one with that confidence.

    >>> lowest(0, 0.9), round(lowest(2, 0.9), 3)
    (0.0, 0.532)
    """
    return solve(lambda mean: at_most(count - 1, mean) > confidence, top=float(count)) if count else 0.0


def ahead(count: int, most: int, ratio: float) -> float:
    """Return the chance of at most ``most`` in a time ahead, where the limit let ``count`` pass in the time behind.

    A limit between the (count + 1)-th and the count-th highest peak of the time behind lets a rate pass that is spread
    as Gamma(count + 1) around the truth, and what comes in the time ahead as a negative binomial: exact, whatever the
    peaks' distribution, where they come independently (Hahn and Meeker 1991, "Statistical Intervals", 7.6).

    Parameters
    ----------
    count, most
        Whole numbers, 0 or more.
    ratio
        How long the time ahead is, as a multiple of the time behind.

    Examples
    --------
    With nothing in 17.6 days, more than 4 in the 30 days after that have a chance of one in ten.

    >>> round(ahead(0, 4, 30 / 17.6), 3)
    0.901
    """
    steps = np.arange(1, most + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log1p(count / steps))]) + np.arange(most + 1) * math.log(
        ratio / (1 + ratio)
    )
    return float(min(np.exp(logs - (count + 1) * math.log1p(ratio)).sum(), 1.0))


def most_where(holds: Callable[[int], bool], top: int) -> int | None:
    """Return the greatest whole number up to ``top`` for which something holds that ceases to hold once; None for none.

    >>> most_where(lambda number: number < 7, 100), most_where(lambda number: False, 100)
    (6, None)
    """
    if not holds(0):
        return None
    low, high = 0, top + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def solve(below: Callable[[float], bool], *, top: float) -> float:
    """Return the number between 0 and ``top`` up to which something holds that ceases to hold once.

    >>> solve(lambda number: number**2 < 2, top=2)
    1.414213562373095
    """
    low, high = 0.0, top
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2
