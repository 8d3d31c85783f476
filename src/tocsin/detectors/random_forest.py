"""A random forest: learns from labels what past anomalies looked like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._labelled import ClassWeight, chosen, labels_of, share_in_range
from tocsin.detectors._settings import at_least, installed, one_of
from tocsin.graph.network import Network
from tocsin.graph.trees import Tree, sum_of_trees


@dataclass(frozen=True, kw_only=True)
class RandomForest(Detector):
    """Random forest: how much this reading looks like those that were labelled anomalous.

    It learns from labels, and knows only the kinds of anomalies that it was shown. The score, from 0 to 1, is the mean
    over the trees of the share of anomalies in the leaf that the reading falls into (Breiman 2001, "Random forests";
    scikit-learn's ``predict_proba`` with ``smoothing`` 0). A window longer than 1 is taken as one long row, and learned
    as an anomaly if its last reading is one. The graph gives no shares of channels.

    Parameters
    ----------
    trees
        Number of trees.
    max_depth
        Cuts from the root to a leaf, at most.
    min_leaf
        Readings that a leaf holds at least.
    smoothing
        Readings' worth of doubt added to each leaf (Laplace's correction for trees, Provost & Domingos 2003): a leaf
        of 500 normal readings then says less than one of 3, so that fewer scores are alike and none is exactly 0.
    class_weight
        "balanced": all anomalies together weigh as much as all normal readings. "none": each reading weighs the same.
    oversample
        Share of anomalies that drawing them again, at random, shall bring the readings to; 0 for off.
    max_windows
        Learn from at most so many windows. Normal ones are left out first, evenly spaced over the whole time.

    Examples
    --------
    >>> RandomForest(trees=50, oversample=0.5).class_weight
    'balanced'
    """

    default_window: ClassVar[int] = 1
    default_scale: ClassVar[str] = "none"
    needs_labels: ClassVar[bool] = True

    trees: int = 200
    max_depth: int = 12
    min_leaf: int = 3
    smoothing: float = 1.0
    class_weight: ClassWeight = "balanced"
    oversample: float = 0.0
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        for name in ("trees", "max_depth", "min_leaf"):
            at_least(name, getattr(self, name), 1)
        at_least("max_windows", self.max_windows, 2)
        at_least("smoothing", self.smoothing, 0)
        one_of("class_weight", self.class_weight, ("balanced", "none"))
        share_in_range("oversample", self.oversample)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Grow the trees on labelled ``windows`` and write them down as one node."""
        installed("Training a random forest", library="scikit-learn", module="sklearn")
        labels = labels_of(windows)
        report("training", 0, 1, f"{self.trees} trees")
        which = chosen(labels, most=self.max_windows, oversample=self.oversample, seed=seed)
        rows = windows.take(which).reshape(len(which), -1)
        forest = self._grown(rows, labels[which], seed)
        report("training", 1, 1, f"{self.trees} trees")
        network = Network(window=windows.length, channels=windows.channels)
        flat = network.op("Reshape", network.input, network.integers([-1, rows.shape[1]]))
        trees = [_tree(each.tree_, self.smoothing, self.trees) for each in forest.estimators_]
        score = network.op("Reshape", sum_of_trees(network, flat, trees), network.integers([-1]))
        return network.seal(network.op("Clip", score, network.constant(0), network.constant(1)))

    def _grown(self, rows: Any, labels: BoolArray, seed: int) -> Any:
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(
            n_estimators=self.trees,
            max_depth=self.max_depth,
            min_samples_leaf=self.min_leaf,
            class_weight=None if self.class_weight == "none" else self.class_weight,
            random_state=seed,
        ).fit(rows, labels)


def _tree(tree: Any, smoothing: float, trees: int) -> Tree:
    """Return ``tree`` with leaves that yield their part of the mean over ``trees`` of the share of anomalies."""
    weight = tree.weighted_n_node_samples
    anomalies = tree.value[:, 0, 1] * weight
    prior = anomalies[0] / weight[0]
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=tree.feature,
        threshold=tree.threshold,
        value=np.asarray((anomalies + smoothing * prior) / (weight + smoothing) / trees),
    )
