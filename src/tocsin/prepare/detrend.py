"""Detrending: how far a channel is from its own recent level, so that a shifted level is forgotten in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.prepare._columns import LARGEST
from tocsin.prepare._feature import LONGEST, C, Feature, whole

_SPANS = 2
"""Spans that the mean looks back on."""


@dataclass(frozen=True)
class Detrend(Feature):
    """Detrend: puts each value less the exponential mean of the readings before it in the value's place.

    Parameters
    ----------
    span
        Readings, 2 or more: a reading weighs γ = 1 − 1 / span of the one that follows it. After a shift of level, so
        many readings later, nearly three quarters of the shift are forgotten; after twice as many, all of it.

    Notes
    -----
    The mean has no memory of its own: it ends 2 · span readings back, where γ^(2 · span) ≈ 13 % of all weight would
    still lie, and the weights are made to sum up to 1.

    Examples
    --------
    >>> Detrend(2).weights().round(3)
    array([-0.067, -0.133, -0.267, -0.533,  1.   ])
    """

    replaces: ClassVar[bool] = True

    span: int = 100

    @classmethod
    def parse(cls, text: str) -> Detrend:
        """Return the step written as in "detrend" or "detrend:100"."""
        if not text.strip():
            return cls()
        most = LONGEST // _SPANS
        return cls(whole(text, written=f"detrend:{text}", least=2, most=most, example="detrend:100"))

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return _SPANS * self.span

    def weights(self) -> FloatArray:
        """Return what a reading and those before it are multiplied by, oldest first; they sum up to 0."""
        powers = (1 - 1 / self.span) ** np.arange(self.reach - 1, -1, -1)
        return np.append(-powers / powers.sum(), 1.0)

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the values less their recent level."""
        return (values.within(LARGEST).weighed(self.weights()),)

    def undone(self, expected: C, values: C) -> C:
        """Return the recent level, and what is expected beyond it."""
        earlier = values.within(LARGEST).without(oldest=values.length - 1 - self.reach, newest=1)
        return earlier.weighed(-self.weights()[:-1]) + expected
