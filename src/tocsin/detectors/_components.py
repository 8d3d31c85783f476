"""Principal components: the directions in which normal windows vary, and by how much."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray


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
