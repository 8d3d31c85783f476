"""A memory bank: the few directions that best stand for many."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array, IntArray
from tocsin.detectors._spaced import spaced

_CHUNK = 4096


def bank(directions: Float32Array, size: int, *, rounds: int = 10) -> Float32Array:
    """Return the directions nearest to the centres of ``size`` clusters, ndarray of shape (at most size, k).

    Clusters are those of k-means by cosine (Dhillon & Modha 2001, "Concept decompositions for large sparse text data
    using clustering"), started from evenly spaced directions, so that nothing is random. A centre that loses all its
    directions stays where it was.

    Parameters
    ----------
    directions
        ndarray of shape (n, k), float32, each of length 1.
    size
        Clusters; with n or fewer directions, all of them are kept.
    rounds
        Times that each direction looks for its nearest centre, at most.

    Examples
    --------
    >>> angle = np.radians([0, 2, 4, 90, 92, 94])
    >>> kept = bank(np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32), 2)
    >>> np.degrees(np.arctan2(kept[:, 1], kept[:, 0])).round().tolist()
    [2.0, 92.0]
    """
    if len(directions) <= size:
        return directions
    centres, before = directions[spaced(len(directions), size)], np.zeros(0, np.int64)
    for _ in range(rounds):
        nearest = _nearest(directions, centres)
        if np.array_equal(nearest, before):
            break
        centres, before = _moved(directions, centres, nearest), nearest
    return directions[np.unique(_nearest(centres, directions))]


def _nearest(rows: Float32Array, others: Float32Array) -> IntArray:
    """Return for each of ``rows`` which of ``others`` points most the same way."""
    parts: list[IntArray] = [
        (rows[start : start + _CHUNK] @ others.T).argmax(axis=1) for start in range(0, len(rows), _CHUNK)
    ]
    return np.concatenate(parts)


def _moved(directions: Float32Array, centres: Float32Array, nearest: IntArray) -> Float32Array:
    """Return the mean direction of each cluster."""
    order = np.argsort(nearest, kind="stable")
    held, start = np.unique(nearest[order], return_index=True)
    total = np.add.reduceat(directions[order], start, axis=0, dtype=np.float64)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    moved = centres.copy()
    moved[held] = np.where(length > 0, total / np.maximum(length, 1e-12), centres[held])
    return moved
