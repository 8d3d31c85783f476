"""Clusters of high scores: by hand, on a known law, and where there is next to nothing."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.thresholds._clusters import clusters


def test_by_hand() -> None:
    """Gaps of 1, 1, 8: 2·(0 + 0 + 7)² ÷ (3·(0 + 0 + 7·6)) of four."""
    assert clusters(np.array([3, 4, 5, 13])) == pytest.approx(4 * 98 / 126)


def test_places_by_chance_are_each_a_cluster() -> None:
    high = np.flatnonzero(np.random.default_rng(0).random(100_000) < 0.02)
    assert clusters(high) == pytest.approx(len(high), rel=0.05)


@pytest.mark.parametrize("size", [2, 4])
def test_clusters_of_so_many_are_counted_once(size: int) -> None:
    begins = np.flatnonzero(np.random.default_rng(1).random(200_000) < 0.002)
    places = np.unique(begins[:, None] + np.arange(size))
    assert clusters(places) == pytest.approx(len(begins), rel=0.1)


@pytest.mark.parametrize("places", [[], [7], [7, 8], [7, 8, 9], [0, 1000]])
def test_of_a_few_there_is_a_number_too(places: list[int]) -> None:
    assert len(places) / 5 <= clusters(np.array(places, np.int64)) <= len(places)
