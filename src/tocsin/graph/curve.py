"""A rising curve of straight pieces, such as the one that turns an error into how rare it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.graph.network import Network

_WITHOUT_END = 1e30
"""The last piece goes on so many times its width."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A function that never falls: straight between its knots, level before the first, straight on after the last.

    Parameters
    ----------
    at
        ndarray of shape (k,), float64, k ≥ 2, ascending and all different: where the knots are.
    level
        ndarray of shape (k,), float64, never falling, the first 0: what the curve yields there.

    Examples
    --------
    >>> Curve(np.array([0.0, 1, 3]), np.array([0.0, 4, 5]))(np.array([-1, 0.5, 3, 7])).tolist()
    [0.0, 2.0, 5.0, 7.0]
    """

    at: FloatArray
    level: FloatArray

    def __call__(self, values: FloatArray) -> FloatArray:
        """Return the curve at ``values``, of any shape."""
        passed = np.maximum((np.asarray(values)[..., None] - self.at[:-1]) / np.diff(self.at), 0)
        passed[..., :-1] = np.minimum(passed[..., :-1], 1)
        return np.asarray(passed @ np.diff(self.level))


def rising(network: Network, values: str, curve: Curve) -> str:
    """Add ``curve`` at ``values``, of shape (n, 1); return the name of a tensor of that shape.

    Each piece adds what has been climbed of it, so that rounding never lets the curve fall.

    Parameters
    ----------
    network
        The graph under construction.
    values
        Name of a tensor of shape (n, 1).
    curve
        The curve.
    """
    pieces = len(curve.at) - 1
    ends = np.append(np.ones(pieces - 1), _WITHOUT_END)
    beyond = network.op("Sub", values, network.constant(curve.at[:-1]))
    passed = network.op("Mul", beyond, network.constant(1 / np.diff(curve.at)))
    climbed = network.op("Min", network.op("Max", passed, network.constant(0)), network.constant(ends))
    return network.op("MatMul", climbed, network.constant(np.diff(curve.level)[:, None]))


def rising_each(network: Network, values: str, curves: Sequence[Curve]) -> str:
    """Add a curve of its own for each channel at ``values``; return the name of a tensor of the same shape.

    Parameters
    ----------
    network
        The graph under construction.
    values
        Name of a tensor of shape (n, channels).
    curves
        One for each channel, all with the same number of knots.
    """
    at = np.stack([curve.at for curve in curves])
    height = np.diff(np.stack([curve.level for curve in curves]))
    channels, pieces = height.shape
    ends = np.append(np.ones(pieces - 1), _WITHOUT_END)
    lifted = network.op("Reshape", values, network.integers([-1, channels, 1]))
    beyond = network.op("Sub", lifted, network.constant(at[:, :-1]))
    passed = network.op("Mul", beyond, network.constant(1 / np.diff(at)))
    part = network.op("Min", network.op("Max", passed, network.constant(0)), network.constant(ends))
    climbed = network.op("Mul", part, network.constant(height))
    # One matrix for all channels: a product with a stack of matrices rounds a window differently in other company.
    flat = network.op("Reshape", climbed, network.integers([-1, pieces]))
    summed = network.op("MatMul", flat, network.constant(np.ones((pieces, 1))))
    return network.op("Reshape", summed, network.integers([-1, channels]))
