"""The memory bank: it stands for all directions, in few of them."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.detectors._bank import bank


def directions(rows: int, *, clusters: int, seed: int = 0) -> tuple[Float32Array, FloatArray]:
    """Return directions around so many centres, in order of the centres, and the centres."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((clusters, 8))
    points = np.repeat(centres, rows // clusters, axis=0) + 0.05 * rng.standard_normal((rows, 8))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), centres


def test_each_cluster_is_stood_for_by_one_of_its_own() -> None:
    points, centres = directions(600, clusters=6)
    kept = bank(points, 6)
    cosine = kept @ (centres / np.linalg.norm(centres, axis=1, keepdims=True)).T
    assert sorted(cosine.argmax(axis=1).tolist()) == list(range(6))
    assert all((row == points).all(axis=1).any() for row in kept)
    assert cosine.max(axis=1).min() > 0.99


def test_it_covers_better_than_evenly_spaced_directions() -> None:
    points = np.random.default_rng(1).standard_normal((5000, 3)).astype(np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    kept, spaced = bank(points, 50), points[::100]
    assert (1 - (points @ kept.T).max(axis=1)).mean() < 0.8 * (1 - (points @ spaced.T).max(axis=1)).mean()


def test_few_directions_are_all_kept_and_equal_ones_once() -> None:
    points, _ = directions(12, clusters=3)
    assert np.array_equal(bank(points, 12), points)
    assert len(bank(np.repeat(points[:1], 40, axis=0), 5)) == 1


def test_nothing_is_random() -> None:
    points, _ = directions(9000, clusters=9)
    assert np.array_equal(bank(points, 100), bank(points, 100))
    assert len(bank(points, 100)) <= 100


def test_opposite_directions_and_zeros_yield_numbers() -> None:
    points = np.zeros((30, 2), np.float32)
    points[10:20, 0], points[20:, 0] = 1, -1
    assert np.isfinite(bank(points, 2)).all()
