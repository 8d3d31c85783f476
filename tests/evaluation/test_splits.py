from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.evaluation.guards import check_split
from tocsin.evaluation.splits import blocked, holdout


def test_a_hold_out_learns_first_and_leaves_a_gap() -> None:
    fold = holdout(np.arange(10), share=0.6, gap=2)
    assert fold.learn.nonzero()[0].tolist() == [0, 1, 2, 3]
    assert fold.judged.nonzero()[0].tolist() == [6, 7, 8, 9]


def test_devices_are_cut_at_the_same_time() -> None:
    time = np.concatenate([np.arange(10), np.arange(5, 10)])  # the second device begins later
    fold = holdout(time, share=0.6, gap=0)
    assert fold.learn.tolist() == (time < 6).tolist()
    assert fold.judged.tolist() == (time >= 6).tolist()


@given(rows=st.integers(40, 300), folds=st.integers(2, 10), gap=st.integers(0, 3))
def test_each_reading_is_judged_once_and_nothing_leaks(rows: int, folds: int, gap: int) -> None:
    device = np.zeros(rows, np.int64)
    times_judged = np.zeros(rows, np.int64)
    for fold in blocked(np.arange(rows) * 7, folds=folds, gap=gap):
        times_judged += fold.judged
        where = np.flatnonzero(fold.judged)
        assert where[-1] - where[0] + 1 == len(where)  # a block, in one piece
        distance = np.abs(np.flatnonzero(fold.learn)[:, None] - where).min(axis=1)
        assert distance.min() == gap + 1
        check_split(fold.learn, fold.judged, device, window=gap + 1)
    assert (times_judged == 1).all()


def test_ten_folds_are_possible_on_the_room() -> None:
    folds = list(blocked(np.arange(6558), folds=10, gap=13))
    assert len(folds) == 10
    assert {int(fold.judged.sum()) for fold in folds} <= {655, 656}


def test_too_few_readings_are_refused() -> None:
    with pytest.raises(SettingError, match="too few"):
        holdout(np.arange(4), gap=3)
    with pytest.raises(SettingError, match="2 folds or more"):
        list(blocked(np.arange(100), folds=1, gap=3))


@pytest.mark.parametrize("folds", [1, 4])
def test_devices_that_report_in_turn_keep_the_gap_each(folds: int) -> None:
    time = np.concatenate([np.arange(200) * 60 + 7 * k for k in range(5)])  # five distinct times for each device's one
    device = np.repeat(np.arange(5), 200)
    splits = [holdout(time, gap=30, device=device)] if folds == 1 else blocked(time, folds=folds, gap=30, device=device)
    for fold in splits:
        check_split(fold.learn, fold.judged, device, window=31)
        for one in range(5):
            learn, judged = (np.flatnonzero(rows[device == one]) for rows in (fold.learn, fold.judged))
            assert np.abs(learn[:, None] - judged).min() >= 31
