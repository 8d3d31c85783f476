"""Arithmetic that is written once and meant twice: on a whole series in training, and as a graph for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from tocsin.core.arrays import Float32Array


class Columns(Protocol):
    """Values of consecutive readings, float32 of shape (…, length, channels), oldest first.

    Everything here acts on each value by itself, so that company cannot move a bit; sums over readings are made of it.
    """

    @property
    def length(self) -> int:
        """Number of readings."""

    def __add__(self, other: Self) -> Self: ...
    def __sub__(self, other: Self) -> Self: ...
    def __mul__(self, other: Self | float) -> Self: ...

    def without(self, *, oldest: int, newest: int) -> Self:
        """Return the readings but for so many at either end."""

    def root(self) -> Self:
        """Return the square roots; nothing is below 0."""

    def within(self, limit: float) -> Self:
        """Return the values cut at ± ``limit``."""


@dataclass(frozen=True, eq=False)
class Series:
    """Columns of a series that is at hand.

    Parameters
    ----------
    values
        ndarray of shape (length, channels), float32.
    """

    values: Float32Array

    @property
    def length(self) -> int:
        """Number of readings."""
        return len(self.values)

    def __add__(self, other: Series) -> Series:
        return Series(self.values + other.values)

    def __sub__(self, other: Series) -> Series:
        return Series(self.values - other.values)

    def __mul__(self, other: Series | float) -> Series:
        return Series(self.values * (other.values if isinstance(other, Series) else np.float32(other)))

    def without(self, *, oldest: int, newest: int) -> Series:
        """Return the readings but for so many at either end."""
        return Series(self.values[oldest : self.length - newest])

    def root(self) -> Series:
        """Return the square roots."""
        return Series(np.sqrt(self.values))

    def within(self, limit: float) -> Series:
        """Return the values cut at ± ``limit``."""
        return Series(np.clip(self.values, np.float32(-limit), np.float32(limit)))
