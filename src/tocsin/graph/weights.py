"""Weighted sums of neighbouring readings as products with one constant matrix, such as any filter is."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray


def banded(weights: FloatArray, results: int) -> FloatArray:
    """Return the matrix of shape (len(weights) + results − 1, results) that slides ``weights`` along readings.

    >>> banded(np.array([1.0, 2.0]), 3).T
    array([[1., 2., 0., 0.],
           [0., 1., 2., 0.],
           [0., 0., 1., 2.]])
    """
    matrix = np.zeros((len(weights) + results - 1, results))
    for result in range(results):
        matrix[result : result + len(weights), result] = weights
    return matrix


def whole_sum(weights: FloatArray) -> float:
    """Return what ``weights`` sum up to, without the rounding of a sum that is meant to be 0 or 1.

    >>> whole_sum(np.array([0.1, 0.2, -0.3]))
    0.0
    """
    total = float(np.sum(weights))
    near = round(total)
    return float(near) if abs(total - near) < 1e-9 else total
