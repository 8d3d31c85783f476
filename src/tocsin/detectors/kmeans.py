"""K-means: normal windows gathered into a few typical shapes, and how far a new one is from the nearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._deviation import usual_deviation
from tocsin.detectors._greatest import parted
from tocsin.detectors._rows import as_row, by_channel, long_rows, within
from tocsin.detectors._settings import above, at_least, enough, installed, one_of
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, total


@dataclass(frozen=True, kw_only=True)
class Kmeans(Detector):
    """K-means: how far this window is from the nearest of the shapes that normal windows have.

    Windows are brought to mean 0 and deviation 1, gathered around centroids (Lloyd 1982), and the score is the distance
    to the nearest centroid: KMeansAD of Yairi, Kato & Hori (2001, "Fault detection by mining association rules from
    house-keeping data") as in TSB-AD, where it is the best single method on the spacecraft telemetry of NASA. It looks
    at the whole window, and stays high until a strange stretch has left it. A channel's share goes by its part of the
    squared distance.

    Parameters
    ----------
    clusters
        Number of centroids; fewer where there are fewer windows.
    normalise
        "window": each window is brought to mean 0 and deviation 1, all channels together, so that its level does not
        count but its shape does. "none": windows are taken as they are.
    floor
        Least deviation that a window is brought up from, as a fraction of the usual one: without it, the noise of a
        flat stretch would count as a shape.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time.

    Examples
    --------
    >>> Kmeans(clusters=10).default_window
    40
    """

    default_window: ClassVar[int] = 40
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = "period"
    window_bounds: ClassVar[tuple[int, int]] = (32, 96)
    default_scale: ClassVar[str] = "minmax"

    clusters: int = 20
    normalise: Literal["window", "none"] = "window"
    floor: float = 0.05
    max_windows: int = 10_000

    def __post_init__(self) -> None:
        at_least("clusters", self.clusters, 1)
        one_of("normalise", self.normalise, ("window", "none"))
        above("floor", self.floor, 0)
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Find the centroids of ``windows`` and write the distance to them down."""
        installed("Finding typical windows", library="scikit-learn", module="sklearn")
        enough(windows)
        rows = long_rows(windows, most=self.max_windows)
        network = Network(window=windows.length, channels=windows.channels)
        if self.normalise == "none":
            middle = rows.mean(axis=0)
            row, rows = as_row(network, centre=middle), rows - middle
        else:
            least = self.floor * float(np.sqrt(np.mean(usual_deviation(windows) ** 2)))
            row, rows = _normalised(network, least), normalised(rows, least)
        return network.seal(*_scored(network, row, self._centroids(rows, seed)))

    def _centroids(self, rows: FloatArray, seed: int) -> Float32Array:
        from sklearn.cluster import KMeans as SklearnKMeans
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

        clusters = min(self.clusters, len(np.unique(rows, axis=0)))
        report("training", 0, 1, f"{clusters} clusters of {len(rows)} windows")
        with threadpool_limits(limits=1):  # several threads add up in the order in which they happen to finish
            found = SklearnKMeans(clusters, n_init=1, random_state=seed % 2**32).fit(rows)
        report("training", 1, 1, f"{clusters} clusters of {len(rows)} windows")
        centroids: Float32Array = found.cluster_centers_.astype(np.float32)
        return centroids


def normalised(rows: FloatArray, least: float) -> FloatArray:
    """Return ``rows`` of shape (k, columns), each brought to mean 0 and deviation 1, or less where it hardly varies.

    >>> normalised(np.array([[1.0, 3.0], [5.0, 5.0]]), 0.1).tolist()
    [[-1.0, 1.0], [0.0, 0.0]]
    """
    centred = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(centred / np.maximum(rows.std(axis=1, keepdims=True), least))


def _normalised(network: Network, least: float) -> str:
    """Add what :func:`normalised` does, in units of the least deviation; shape (n, columns)."""
    columns = network.window * network.channels
    average = network.constant(np.full((columns, 1), 1 / columns))
    flat = network.op("Reshape", network.input, network.integers([-1, columns]))
    # The first value is taken off before the mean, so that a high level costs no precision.
    first = network.op("Gather", flat, network.integers([0]), attributes={"axis": 1})
    near = within(network, network.op("Sub", flat, first), unit=least)
    centred = network.op("Sub", near, network.op("MatMul", near, average))
    variance = network.op("MatMul", network.op("Mul", centred, centred), average)
    return network.op("Div", centred, network.op("Max", network.op("Sqrt", variance), network.constant(1)))


def _scored(network: Network, row: str, centroids: Float32Array) -> Shared:
    """Add the distance to the nearest centroid, and its shares."""
    product = network.op("MatMul", row, network.constant(2 * centroids.T))
    near = network.op("Sub", product, network.constant((centroids.astype(np.float64) ** 2).sum(axis=1)))
    nearest = network.op("ArgMax", near, attributes={"axis": 1, "keepdims": 0})
    typical = network.op("Gather", network.constant(centroids), nearest, attributes={"axis": 0})
    rest = network.op("Sub", row, typical)
    parts = by_channel(network, network.op("Mul", rest, rest), steps=network.window)
    score = network.op("Sqrt", total(network, parts))
    return Shared(score, parted(network, parts, network.op("Reshape", score, network.integers([-1, 1]))))
