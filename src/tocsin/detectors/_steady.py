"""Channels that wander: their level says nothing, so what counts is how far they are from where they were of late."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray
from tocsin.core.windows import Windows
from tocsin.graph.network import Network

_BLOCKS = 8
"""Stretches of time whose means are compared."""

_KEPT = 0.9
"""Of the weight of a reading, so much has the one before it."""


@dataclass(frozen=True, eq=False)
class Steady:
    """Takes from each wandering channel the weighted mean of the readings just before, which it does without.

    Parameters
    ----------
    wanders
        ndarray of shape (channels,), bool.
    back
        Readings that the mean looks back on; windows lose as many at their beginning.
    """

    wanders: BoolArray
    back: int

    def __call__(self, series: Float32Array) -> Float32Array:
        """Return a series of shape (rows, channels) steadied; its first readings look back on fewer."""
        out = series.copy()
        for channel in np.flatnonzero(self.wanders):
            out[:, channel] = _less_the_past(series[:, channel], self._weights())
        return out

    def of(self, windows: Windows) -> Windows:
        """Return windows of the steadied series, shorter by what it looks back on."""
        later = windows.validation
        shorter = Windows(self(windows.series), windows.end, windows.length - self.back, labels=windows.labels)
        return shorter if later is None else replace(shorter, validation=self.of(replace(later, validation=None)))

    def windows(self, whole: Float32Array) -> Float32Array:
        """Return windows of shape (n, window, channels) steadied, shorter by what is looked back on."""
        out = whole[:, self.back :].copy()
        if self.wanders.any():
            past = whole[:, :, self.wanders].astype(np.float64).transpose(0, 2, 1) @ self._matrix(whole.shape[1])
            out[:, :, self.wanders] -= past.transpose(0, 2, 1).astype(np.float32)
        return out

    def write(self, network: Network) -> str:
        """Add the steadied window; shape (n, window − back, channels)."""
        rows = network.op("Slice", network.input, *(network.integers([k]) for k in (self.back, 2**31 - 1, 1)))
        if not self.wanders.any():
            return rows
        length = network.window - self.back
        # Time comes last for one product with one matrix, since a stack of matrices rounds differently in company.
        turned = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
        flat = network.op("Reshape", turned, network.integers([-1, network.window]))
        past = network.op("MatMul", flat, network.constant(self._matrix(network.window)))
        apart = network.op("Reshape", past, network.integers([-1, network.channels, length]))
        mean = network.op("Transpose", apart, attributes={"perm": [0, 2, 1]})
        return network.op("Sub", rows, network.op("Mul", mean, network.constant(self.wanders)))

    def raised(self, network: Network, row: str) -> str:
        """Add ``row`` of shape (n, channels), of the steadied window's last reading, brought back to its level."""
        if not self.wanders.any():
            return row
        turned = network.op("Transpose", network.input, attributes={"perm": [0, 2, 1]})
        flat = network.op("Reshape", turned, network.integers([-1, network.window]))
        mean = network.op("MatMul", flat, network.constant(self._matrix(network.window)[:, -1:]))
        level = network.op("Reshape", mean, network.integers([-1, network.channels]))
        return network.op("Add", row, network.op("Mul", level, network.constant(self.wanders)))

    def _weights(self) -> FloatArray:
        """Return the weights of the readings before, the nearest first, summing to 1."""
        weights = _KEPT ** np.arange(self.back)
        return np.asarray(weights / weights.sum())

    def _matrix(self, window: int) -> FloatArray:
        """Return the matrix of shape (window, window − back) that yields the mean before each of the last readings."""
        matrix = np.zeros((window, window - self.back))
        for step in range(window - self.back):
            matrix[step : step + self.back, step] = self._weights()[::-1]
        return matrix


def steady(windows: Windows, *, back: int, most: float) -> Steady:
    """Find the channels that wander.

    A channel wanders where the means of stretches of the normal readings lie further apart than its readings do within
    a stretch: the ratio of those deviations is above ``most``. What it is in the next stretch is anybody's guess.

    Parameters
    ----------
    windows
        Normal windows.
    back
        Readings to look back on; 0 leaves everything as it is.
    most
        Greatest ratio of a channel that stays where it is.
    """
    rows = windows.rows().astype(np.float64)
    if not back or len(rows) < 2 * _BLOCKS:
        return Steady(np.zeros(windows.channels, np.bool_), back)
    blocks = np.array_split(rows, _BLOCKS)
    between = np.std([block.mean(axis=0) for block in blocks], axis=0)
    within = np.sqrt(np.mean([block.var(axis=0) for block in blocks], axis=0))
    return Steady(between > most * np.maximum(within, 1e-6), back)


def _less_the_past(values: Float32Array, weights: FloatArray) -> Float32Array:
    back = len(weights)
    padded = np.concatenate([np.full(back, values[0]), values]).astype(np.float64)
    past = np.convolve(padded, np.append(0.0, weights))[: len(padded)]
    less: Float32Array = (values - past[back:]).astype(np.float32)
    return less
