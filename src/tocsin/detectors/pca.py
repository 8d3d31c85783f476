"""Principal component analysis: a plane through normal windows, and how far a new one lies out in it or off it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._components import Components, components, left_out
from tocsin.detectors._greatest import parted
from tocsin.detectors._rows import as_row, by_channel, long_rows, within
from tocsin.detectors._settings import at_least, enough
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, total

_QUANTILE = 0.99
_LEAST = 1e-6
"""Least variance of a component, and least quantile, as a fraction of the columns' mean variance."""


@dataclass(frozen=True, kw_only=True)
class Pca(Detector):
    """Principal components: how far the channels are from moving together as they do when all is well.

    Normal windows, each taken as one long row, lie near a plane. Two distances tell of a new one: T² (Hotelling 1933),
    how far from the middle it lies within the plane, counted in the deviations usual there, and Q (Jackson & Mudholkar
    1979, "Control procedures for residuals associated with principal component analysis"), how far off the plane. Each
    is divided by its 99 % quantile over the windows learned from, and the score is the greater of the two: above 1
    something is rarer than one normal window in a hundred. With a window above 1 this is the dynamic PCA of Ku, Storer
    & Georgakis (1995). A channel's share of the score goes by its part of Q. What is expected of a reading is what all
    others of the window let one expect, those of other channels at the same time included (Tipping & Bishop 1999,
    "Probabilistic principal component analysis": normal noise off the plane).

    Parameters
    ----------
    variance
        Share of the normal variance that the plane holds, above 0 and below 1.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time, which bounds memory.

    Examples
    --------
    >>> Pca(variance=0.95).default_scale
    'zscore'
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    random: ClassVar[bool] = False

    variance: float = 0.9
    max_windows: int = 20_000

    def __post_init__(self) -> None:
        if not 0 < self.variance < 1:
            raise SettingError(f"variance is {self.variance!r}.", remedy="It must be a share above 0 and below 1.")
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Find the plane and the usual distances, and write them down as matrix products."""
        enough(windows)
        rows = long_rows(windows, most=self.max_windows)
        centre = rows.mean(axis=0)
        plane = _plane(rows - centre, self.variance)
        network = Network(window=windows.length, channels=windows.channels)
        row = as_row(network, centre=centre)
        shared = _scored(network, _within(network, row, plane), _off(network, row, plane))
        return network.seal(*shared, expected=_expected(network, row, plane, centre=centre))


class _Plane(NamedTuple):
    """A plane through the middle of the rows, and the distances that one normal row in a hundred exceeds."""

    axes: FloatArray
    """Shape (k, columns)."""
    variance: FloatArray
    """Shape (k,)."""
    t2: float
    q: float
    rest: float
    """Mean variance off the plane, in each direction."""


def _plane(centred: FloatArray, share: float) -> _Plane:
    found = components(centred)
    kept = min(found.keeping(share), max(centred.shape[1] - 1, 1))
    floor = _LEAST * _mean_variance(found, centred.shape[1])
    axes, variance = found.axes[:kept], np.maximum(found.variance[:kept], floor)
    within_plane = centred @ axes.T
    t2 = np.quantile((within_plane**2 / variance).sum(axis=1), _QUANTILE)
    q = np.quantile(((centred - within_plane @ axes) ** 2).sum(axis=1), _QUANTILE)
    rest = max(float(found.variance[kept:].sum()) / max(centred.shape[1] - kept, 1), floor)
    return _Plane(axes, variance, max(float(t2), _LEAST), max(float(q), floor * centred.shape[1]), rest)


def _mean_variance(found: Components, columns: int) -> float:
    return float(found.variance.sum()) / columns or 1.0


def _within(network: Network, row: str, plane: _Plane) -> str:
    """Add T² over its quantile; shape (n, 1)."""
    scaled = (plane.axes / np.sqrt(plane.variance * plane.t2)[:, None]).T
    place = within(network, network.op("MatMul", row, network.constant(scaled)))
    squared = network.op("Mul", place, place)
    return network.op("MatMul", squared, network.constant(np.ones((len(plane.axes), 1))))


def _off(network: Network, row: str, plane: _Plane) -> str:
    """Add each channel's part of Q over its quantile; shape (n, channels)."""
    place = network.op("MatMul", row, network.constant(plane.axes.T))
    foot = network.op("MatMul", place, network.constant(plane.axes))
    rest = within(network, network.op("Sub", row, foot), unit=np.sqrt(plane.q))
    return by_channel(network, network.op("Mul", rest, rest), steps=network.window)


def _expected(network: Network, row: str, plane: _Plane, *, centre: FloatArray) -> str:
    """Add what each channel's last reading is expected to be by all others of the window; shape (n, channels)."""
    last = range(len(centre) - network.channels, len(centre))
    stiffer = (1 / plane.variance - 1 / plane.rest)[:, None]
    precision = (
        plane.axes.T @ (stiffer * plane.axes[:, last]) + np.eye(len(centre), len(last), -last.start) / plane.rest
    )
    foretold = network.op("MatMul", row, network.constant(left_out(precision, last)))
    return network.op("Add", foretold, network.constant(centre[last]))


def _scored(network: Network, t2: str, off: str) -> Shared:
    """Add the greater of T² and Q, and its shares: alike where a window lies in the plane and Q tells nothing."""
    q = network.op("Reshape", total(network, off), network.integers([-1, 1]))
    column = network.op("Max", t2, q)
    parts = network.op("Add", off, network.constant(_LEAST / network.channels))
    return Shared(network.op("Reshape", column, network.integers([-1])), parted(network, parts, column))
