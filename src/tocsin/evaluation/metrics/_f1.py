"""The harmonic mean, with one answer everywhere to what it is where a part of it is undefined."""

from __future__ import annotations


def harmonic(precision: float | None, recall: float | None) -> float | None:
    """Return 2 p r / (p + r): None where both are undefined, 0 where one is or where nothing was right.

    Precision is undefined where nothing was flagged: then everything was missed. Recall is undefined where nothing was
    to be found: then every alarm was false.

    >>> harmonic(0.5, 1.0), harmonic(None, 0.0), harmonic(None, None)
    (0.6666666666666666, 0.0, None)
    """
    if precision is None and recall is None:
        return None
    if not precision or not recall:
        return 0.0
    return 2 * precision * recall / (precision + recall)
