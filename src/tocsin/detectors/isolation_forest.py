"""An isolation forest: strange readings are those that few random cuts set apart from the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._settings import at_least, enough, installed
from tocsin.detectors._spaced import spaced
from tocsin.graph.network import Network
from tocsin.graph.trees import Tree, sum_of_trees

_EULER = 0.5772156649015329


@dataclass(frozen=True, kw_only=True)
class IsolationForest(Detector):
    """Isolation forest: how few random cuts set this reading apart from normal ones.

    The score is 2^(−E(h) / c) of Liu, Ting & Zhou (2008, "Isolation forest", equation 2), which is scikit-learn's
    ``-score_samples``: from 0 to 1, and higher is stranger. There is no contamination setting; the threshold decides.
    A window longer than 1 is taken as one long row. The graph gives no shares of channels.

    Parameters
    ----------
    trees
        Number of trees.
    max_samples
        Readings that each tree is grown from, at most.
    random_state
        Added to the seed of the fit.
    max_windows
        Draw from at most so many windows, evenly spaced over the whole time, which bounds memory.

    Examples
    --------
    >>> IsolationForest(trees=50).random_state
    42
    """

    default_window: ClassVar[int] = 1
    default_scale: ClassVar[str] = "none"

    trees: int = 200
    max_samples: int = 256
    random_state: int = 42
    max_windows: int = 200_000

    def __post_init__(self) -> None:
        at_least("trees", self.trees, 1)
        at_least("max_samples", self.max_samples, 2)
        at_least("max_windows", self.max_windows, 2)
        at_least("random_state", self.random_state, 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Grow the trees on ``windows`` and write them down as one node."""
        installed("Training an isolation forest", library="scikit-learn", module="sklearn")
        enough(windows)
        from sklearn.ensemble import IsolationForest as SklearnForest

        report("training", 0, 1, f"{self.trees} trees")
        rows = windows.take(spaced(len(windows), self.max_windows)).reshape(-1, windows.length * windows.channels)
        forest = SklearnForest(
            n_estimators=self.trees,
            max_samples=min(self.max_samples, len(rows)),
            random_state=(self.random_state + seed) % 2**32,
        ).fit(rows)
        report("training", 1, 1, f"{self.trees} trees")
        return _graph(forest, windows)


def _graph(forest: Any, windows: Windows) -> Graph:
    network = Network(window=windows.length, channels=windows.channels)
    flat = network.op("Reshape", network.input, network.integers([-1, windows.length * windows.channels]))
    scale = -1.0 / (len(forest.estimators_) * expected_path(np.array([forest.max_samples_]))[0])
    trees = [_tree(each.tree_, scale) for each in forest.estimators_]
    exponent = network.op("Reshape", sum_of_trees(network, flat, trees), network.integers([-1]))
    return network.seal(network.op("Pow", network.constant(2.0), exponent))


def _tree(tree: Any, scale: float) -> Tree:
    """Return ``tree`` with leaves that yield ``scale`` × (depth + the path that its readings would still take)."""
    length = _depths(tree) + expected_path(tree.n_node_samples)
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        value=scale * length,
    )


def _depths(tree: Any) -> FloatArray:
    depth = np.zeros(tree.node_count)
    for parent in np.flatnonzero(tree.children_left >= 0):  # a parent is always numbered before its children
        depth[[tree.children_left[parent], tree.children_right[parent]]] = depth[parent] + 1
    return depth


def expected_path(rows: FloatArray) -> FloatArray:
    """Return c(rows): the mean length of an unsuccessful search in a binary tree of so many rows (equation 1).

    Parameters
    ----------
    rows
        ndarray of any shape: row counts.

    Examples
    --------
    >>> expected_path(np.array([1, 2, 256])).round(4).tolist()
    [0.0, 1.0, 10.2448]
    """
    many = np.maximum(rows, 3).astype(np.float64)
    path = 2 * (np.log(many - 1) + _EULER) - 2 * (many - 1) / many
    return np.where(rows > 2, path, np.where(rows == 2, 1.0, 0.0))
