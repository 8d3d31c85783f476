"""Principal components: the directions in which normal windows vary, and by how much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray

_SMALLEST = 1e-30


class Components(NamedTuple):
    """Directions in which centred rows vary, the strongest first."""

    variance: FloatArray
    """Shape (k,), never below 0."""
    axes: FloatArray
    """Shape (k, columns): unit vectors whose entry of greatest magnitude is positive."""

    def keeping(self, share: float) -> int:
        """Return the least number of components that hold ``share`` of the variance, 1 where nothing varies."""
        total = float(self.variance.sum())
        if total <= 0:
            return 1
        held = np.cumsum(self.variance) / total
        return min(int(np.searchsorted(held, share - 1e-12)) + 1, len(self.variance))


def left_out(precision: FloatArray, places: Sequence[int]) -> FloatArray:
    """Return the weights with which some columns of a row are expected from all of its other columns.

    With P the inverse of the columns' covariance, column c is expected to be −Σ P_cj x_j / P_cc over j ≠ c: the
    conditional mean of a normal distribution, and where x P x is least.

    Parameters
    ----------
    precision
        ndarray of shape (columns, k), float64: the columns of P that belong to ``places``.
    places
        The k columns in question.

    Returns
    -------
    ndarray of shape (columns, k), float64; a column's own weight is 0.

    >>> left_out(np.array([[1.0], [-2.0]]), [0]).tolist()
    [[0.0], [2.0]]
    """
    own = (list(places), np.arange(len(places)))
    weight = -precision / np.maximum(precision[own], _SMALLEST)
    weight[own] = 0
    return np.asarray(weight)


def components(centred: FloatArray) -> Components:
    """Return the principal components of ``centred`` of shape (rows, columns), whose columns have mean 0.

    >>> variance, axes = components(np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 1.5], [0.0, -1.5]]))
    >>> variance.tolist(), axes.tolist()
    ([4.5, 1.125], [[1.0, 0.0], [0.0, 1.0]])
    """
    rows, columns = centred.shape
    if columns <= rows:
        variance, axes = np.linalg.eigh(centred.T @ centred / rows)
        variance, axes = np.maximum(variance[::-1], 0), axes.T[::-1]
    else:
        _, strength, axes = np.linalg.svd(centred, full_matrices=False)
        variance = strength**2 / rows
    greatest = np.abs(axes).argmax(axis=1)[:, None]
    return Components(variance, axes * np.sign(np.take_along_axis(axes, greatest, axis=1)))
