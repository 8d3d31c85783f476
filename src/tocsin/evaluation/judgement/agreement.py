"""Precision, recall and F1 of one kind, averaged over devices."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Agreement:
    """How well flags and labelled events agree, under one definition.

    Parameters
    ----------
    precision, recall, f1
        From 0 to 1; None where not defined, such as the precision of nothing flagged.
    """

    precision: float | None
    recall: float | None
    f1: float | None

    @staticmethod
    def mean(found: Iterable[tuple[float | None, float | None, float | None]]) -> Agreement | None:
        """Return the mean of each of (precision, recall, F1) over those devices where it is defined.

        >>> Agreement.mean([(1.0, 0.5, 0.6), (None, 0.0, 0.0)])
        Agreement(precision=1.0, recall=0.25, f1=0.3)
        >>> Agreement.mean([]) is None
        True
        """
        rows = list(found)
        return Agreement(*(mean(column) for column in zip(*rows, strict=True))) if rows else None


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of those that are not None; None where all are.

    >>> mean([1.0, None, 0.0]), mean([None])
    (0.5, None)
    """
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
