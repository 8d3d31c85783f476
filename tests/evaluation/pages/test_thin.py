from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluation.pages.thin import bucket_starts, extremes, gaps, ranges, worst_spread

NO_CUTS = np.zeros(0, np.int64)


def test_few_rows_are_kept_one_by_one() -> None:
    assert bucket_starts(5, 20, cuts=NO_CUTS).tolist() == [0, 1, 2, 3, 4]
    assert bucket_starts(0, 20, cuts=NO_CUTS).tolist() == []


def test_details_are_kept_whole_and_cuts_are_kept() -> None:
    starts = bucket_starts(1000, 100, detail=[(501, 510), (0, 900)], cuts=np.array([333]))
    assert set(range(501, 511)) <= set(starts.tolist())
    assert 333 in starts
    assert len(starts) <= 25 + 25 + 2


@given(st.integers(0, 3000), st.integers(8, 200))
def test_no_extreme_is_lost(rows: int, points: int) -> None:
    values = np.random.default_rng(rows).normal(size=(rows, 2))
    starts = bucket_starts(rows, points, cuts=NO_CUTS)
    low, high = extremes(values, starts)
    assert len(low) <= max(points, 1)
    if rows:
        assert starts[0] == 0
        assert low.min(axis=0).tolist() == values.min(axis=0).tolist()
        assert high.max(axis=0).tolist() == values.max(axis=0).tolist()


def test_missing_values_hide_nothing_but_a_bucket_of_them_is_missing() -> None:
    low, high = extremes(np.array([np.nan, 3.0, 1.0, np.nan, np.nan]), np.array([0, 3]))
    np.testing.assert_array_equal(low, [1.0, np.nan])
    np.testing.assert_array_equal(high, [3.0, np.nan])


def test_a_pause_is_a_gap_and_jitter_is_not() -> None:
    assert gaps(np.array([0, 10, 21, 30, 70, 80, 80, 90])).tolist() == [4]
    assert gaps(np.array([5, 5])).tolist() == []


@given(st.lists(st.floats(1, 100), min_size=1, max_size=200), st.integers(1, 50))
def test_the_worst_always_stays(severity: list[float], most: int) -> None:
    rows = np.arange(len(severity)) * 3
    kept = worst_spread(rows, np.array(severity), most)
    assert len(kept) == min(most, len(rows))
    assert max(severity) == max(severity[row // 3] for row in kept.tolist())
    assert np.all(np.diff(kept) > 0)


def test_ranges_by_hand() -> None:
    flags = np.array([True, True, False, True, False, True, True, True])
    time = np.arange(8, dtype=np.float64) * 10
    assert ranges(flags, time, 10, cuts=NO_CUTS) == [(0.0, 10.0), (30.0, 30.0), (50.0, 70.0)]
    assert ranges(flags, time, 2, cuts=NO_CUTS) == [(0.0, 10.0), (50.0, 70.0)]
    cut = ranges(flags, time, 9, cuts=np.array([1, 6]))
    assert cut == [(0.0, 0.0), (10.0, 10.0), (30.0, 30.0), (50.0, 50.0), (60.0, 70.0)]
    assert ranges(np.zeros(0, bool), np.zeros(0), 2, cuts=NO_CUTS) == []
