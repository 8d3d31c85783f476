"""Which limits are tried: they part the scores, they can be typed, and the one in force is among them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tocsin.alerting import Judged
from tocsin.core.arrays import FloatArray
from tocsin.training.history import History
from tocsin.training.whatif._levels import DIGITS, Level, levels


def history(score: FloatArray, limit: float | FloatArray) -> History:
    """Return a history of one device whose scores are known."""
    n = len(score)
    none = np.zeros((n, 0), np.float32)
    judged = Judged(
        time=np.arange(n),
        score=score,
        limit=np.broadcast_to(np.asarray(limit, np.float64), n).copy(),
        by_channel=none,
        fresh=np.zeros(n, np.bool_),
        regime=np.zeros(n, np.uint8),
        values=none,
        expected=none,
    )
    return History(judged, np.zeros(n, np.int64), ("-",), None, np.zeros(n, np.bool_), 1, row_clock=True)


SCORES = -np.log((np.arange(2000) + 0.5) / 2000)
"""Exponential: a tenth of those that lie above a limit lie above one that is ln 10 higher."""


def above(found: list[Level], score: FloatArray, limit: float) -> list[float]:
    return [float((score > level.over(history(score, limit))).mean()) for level in found]


def test_the_usual_shares_lie_above_and_in_the_end_none() -> None:
    shares = above(levels(history(SCORES, 20.0)), SCORES, 20.0)
    assert shares == pytest.approx([0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0, 0.0])


def test_a_share_hardly_different_from_that_in_force_is_left_out() -> None:
    limit = float(-np.log(0.012))  # 1.2 % lie above it, and 1 % is near
    shares = above(levels(history(SCORES, limit)), SCORES, limit)
    assert shares == pytest.approx([0.05, 0.02, 0.012, 0.005, 0.002, 0.001, 0.0005, 0.0])


def test_a_limit_in_force_just_above_all_is_the_highest() -> None:
    limit = float(SCORES.max()) * 1.0005
    assert levels(history(SCORES, limit))[-1] == Level(0.0, limit)


def test_limits_lie_apart() -> None:
    even = np.arange(1.0, 2001.0)  # the last few lie too near to one another to be told apart
    found = levels(history(even, 1000.0))
    assert above(found, even, 1000.0) == pytest.approx([0.5, 0.05, 0.02, 0.01, 0.005, 0.001, 0.0], abs=6e-4)


@given(
    score=arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6)),
    limit=st.floats(-1e6, 1e6),
    moving=st.booleans(),
)
def test_whatever_the_scores_limits_rise_and_the_one_in_force_stays_to_the_bit(
    score: FloatArray, limit: float, moving: bool
) -> None:
    own = np.full(len(score), limit) + (np.arange(len(score)) % 7 if moving else 0)
    seen = history(score, own)
    found = levels(seen)
    assert [level.excess for level in found] == sorted(level.excess for level in found)
    (now,) = (level for level in found if level.excess == 0)
    np.testing.assert_array_equal(now.over(seen), seen.judged.limit)
    for level in found:
        assert np.isfinite(level.over(seen)).all()
        if level.limit is not None and level.excess:
            assert level.limit == float(f"{level.limit:.{DIGITS}g}")
            assert level.limit == float(f"{level.limit:.10g}")  # what is typed is what was tried


def test_beyond_the_normal_scores_limits_reach_those_of_labelled_events() -> None:
    events = [(9.0, peak, np.nan, 0.5) for peak in (10.0, 40.0, 70.0, 100.0, 130.0)]
    score = np.concatenate([SCORES, np.ravel(events)])
    labelled = np.concatenate([np.zeros(2000, np.bool_), np.tile([True, True, True, False], 5)])
    seen = history(score, 5.0)
    found = levels(replace(seen, labelled=labelled, tainted=labelled))
    assert [level.limit for level in found][-4:] == pytest.approx([8.303, 40.0, 70.0, 100.0], rel=1e-3)
    assert [level.limit for level in found][:-3] == [level.limit for level in levels(replace(seen, tainted=labelled))]


def test_unscored_readings_have_no_limit() -> None:
    score = np.array([np.nan, 1.0, 2.0, 3.0])
    seen = history(score, 2.0)
    silent = replace(seen, judged=replace(seen.judged, limit=np.where(np.isnan(score), np.nan, 2.0)))
    for level in levels(silent, asked=("1.5",)):
        assert np.isnan(level.over(silent)).tolist() == [True, False, False, False]


def test_multiples_and_percentiles_are_what_they_say() -> None:
    score = np.arange(1.0, 1001.0)
    for text, limit in (("1.5", 750.0), ("0.25", 125.0), ("p90", 900.1)):
        (found,) = (level for level in levels(history(score, 500.0), asked=(text,)) if level.excess)
        assert found.limit == pytest.approx(limit, rel=1e-3)
