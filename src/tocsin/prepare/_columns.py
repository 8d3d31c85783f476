"""Arithmetic that is written once and meant twice: on a whole series in training, and as a graph for scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.graph.weights import whole_sum

LARGEST = 1e15
"""Steps cut values here: the square of anything greater would leave float32."""


class Columns(Protocol):
    """Values of consecutive readings, float32 of shape (…, length, channels), oldest first.

    What acts on each value by itself cannot be moved by company; sums over readings are made of it, or are products
    with a constant matrix.
    """

    @property
    def length(self) -> int:
        """Number of readings."""

    def __add__(self, other: Self | float) -> Self: ...
    def __sub__(self, other: Self | float) -> Self: ...
    def __mul__(self, other: Self | float) -> Self: ...
    def __truediv__(self, other: Self) -> Self: ...

    def without(self, *, oldest: int, newest: int) -> Self:
        """Return the readings but for so many at either end."""

    def root(self) -> Self:
        """Return the square roots; nothing is below 0."""

    def power(self, exponent: float) -> Self:
        """Return the values to the power of ``exponent``; nothing is below 0."""

    def within(self, limit: float) -> Self:
        """Return the values cut at ± ``limit``."""

    def at_least(self, least: float) -> Self:
        """Return the values, and ``least`` for what is below."""

    def beside(self, *others: Self) -> Self:
        """Return the columns of several, of one length, side by side."""

    def weighed(self, weights: FloatArray) -> Self:
        """Return the weighted sum of each reading and those just before it: as many as ``weights``, oldest first.

        What the weights sum up to does not cancel: a small change at a high level is as exact as at a low one.
        """

    def hops(self, readings: int) -> Self:
        """Return hops of so many readings, one after the other up to the newest: (…, hops, channels, readings).

        The oldest readings are left out if they fill none. Only arithmetic, ``times`` and ``rows`` make sense then.
        """

    def times(self, matrix: FloatArray) -> Self:
        """Return the product of each hop's readings with ``matrix`` of shape (readings, results)."""

    def rows(self) -> Self:
        """Return what ``times`` made of hops as columns, result by result: (…, hops, results · channels)."""


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

    def __add__(self, other: Series | float) -> Series:
        return Series(self.values + _operand(other))

    def __sub__(self, other: Series | float) -> Series:
        return Series(self.values - _operand(other))

    def __mul__(self, other: Series | float) -> Series:
        return Series(self.values * _operand(other))

    def __truediv__(self, other: Series) -> Series:
        return Series(self.values / other.values)

    def without(self, *, oldest: int, newest: int) -> Series:
        """Return the readings but for so many at either end."""
        return Series(self.values[oldest : self.length - newest])

    def root(self) -> Series:
        """Return the square roots."""
        return Series(np.sqrt(self.values))

    def power(self, exponent: float) -> Series:
        """Return the values to the power of ``exponent``."""
        return Series(np.power(self.values, np.float32(exponent)))

    def within(self, limit: float) -> Series:
        """Return the values cut at ± ``limit``."""
        return Series(np.clip(self.values, np.float32(-limit), np.float32(limit)))

    def at_least(self, least: float) -> Series:
        """Return the values, and ``least`` for what is below."""
        return Series(np.maximum(self.values, np.float32(least)))

    def beside(self, *others: Series) -> Series:
        """Return the columns of several side by side."""
        return Series(np.concatenate([self.values, *(other.values for other in others)], axis=1)) if others else self

    def weighed(self, weights: FloatArray) -> Series:
        """Return the weighted sum of each reading and those just before it."""
        exact = self.values.astype(np.float64)
        start = exact[0]
        sums = [np.convolve(channel, weights[::-1], "valid") for channel in (exact - start).T]
        return Series((np.stack(sums, axis=1) + start * whole_sum(weights)).astype(np.float32))

    def hops(self, readings: int) -> Series:
        """Return hops of so many readings, shape (hops, channels, readings)."""
        count = self.length // readings
        stretches = self.values[self.length - count * readings :].reshape(count, readings, -1)
        return Series(np.ascontiguousarray(stretches.transpose(0, 2, 1)))

    def times(self, matrix: FloatArray) -> Series:
        """Return the product of each hop's readings with ``matrix``."""
        return Series(self.values @ matrix.astype(np.float32))

    def rows(self) -> Series:
        """Return the results as columns."""
        return Series(self.values.transpose(0, 2, 1).reshape(self.length, -1))


_Operand: TypeAlias = Float32Array | np.float32


def _operand(other: Series | float) -> _Operand:
    return other.values if isinstance(other, Series) else np.float32(other)
