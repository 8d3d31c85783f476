"""A whole forest of decision trees as one node, which runs several times faster than a node per tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.graph.network import ML_DOMAIN, Network

_LEAF = -1


@dataclass(frozen=True, eq=False)
class Tree:
    """A binary tree in scikit-learn's layout: node 0 is the root, and leaves have -1 for children.

    Parameters
    ----------
    left, right
        ndarrays of shape (nodes,), int64: the children; left where the feature is at most the threshold.
    feature
        ndarray of shape (nodes,), int64: column that a node compares; ignored at leaves.
    threshold
        ndarray of shape (nodes,), float64: what it compares with; ignored at leaves.
    value
        ndarray of shape (nodes,), float64: what a leaf yields; ignored elsewhere.
    """

    left: IntArray
    right: IntArray
    feature: IntArray
    threshold: FloatArray
    value: FloatArray


def sum_of_trees(network: Network, rows: str, trees: Sequence[Tree]) -> str:
    """Add the sum over ``trees`` of the value of the leaf that a row falls into; return its name, shape (n, 1).

    The graph compares float32 values exactly as scikit-learn compares them with its float64 thresholds.

    Parameters
    ----------
    network
        The graph under construction.
    rows
        Name of a tensor of shape (n, features).
    trees
        The forest.
    """
    sizes = [len(tree.left) for tree in trees]
    leaf = np.concatenate([tree.left == _LEAF for tree in trees])
    tree_ids, node_ids = np.repeat(np.arange(len(trees)), sizes), np.concatenate([np.arange(size) for size in sizes])
    nodes = {
        "nodes_treeids": tree_ids,
        "nodes_nodeids": node_ids,
        "nodes_featureids": np.where(leaf, 0, np.concatenate([tree.feature for tree in trees])),
        "nodes_values": np.where(leaf, 0, rounded_down(np.concatenate([tree.threshold for tree in trees]))),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ"),
        "nodes_truenodeids": np.where(leaf, 0, np.concatenate([tree.left for tree in trees])),
        "nodes_falsenodeids": np.where(leaf, 0, np.concatenate([tree.right for tree in trees])),
    }
    leaves = {
        "target_treeids": tree_ids[leaf],
        "target_nodeids": node_ids[leaf],
        "target_ids": np.zeros(leaf.sum(), np.int64),
        "target_weights": np.concatenate([tree.value for tree in trees])[leaf].astype(np.float32),
    }
    attributes = {name: array.tolist() for name, array in {**nodes, **leaves}.items()}
    attributes |= {"n_targets": 1, "aggregate_function": "SUM", "post_transform": "NONE"}
    return network.op("TreeEnsembleRegressor", rows, attributes=attributes, domain=ML_DOMAIN)


def rounded_down(threshold: FloatArray) -> Float32Array:
    """Return the greatest float32 numbers at most ``threshold``: for every float32 x, x ≤ both or x ≤ neither.

    >>> rounded_down(np.array([0.1, 0.5])).tolist()
    [0.09999999403953552, 0.5]
    """
    nearest = threshold.astype(np.float32)
    return np.where(nearest > threshold, np.nextafter(nearest, np.float32(-np.inf)), nearest)
