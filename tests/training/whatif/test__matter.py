"""A policy that sees only what matters tells the same as one that sees all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.training.history import History
from tocsin.training.whatif._matter import can_pass_over, matter
from tocsin.training.whatif._replay import Replay, Rung, _laid

MINUTE = 60 * 10**9
LEVELS = [float("nan"), 0.5, 0.92, 1.5, 4.0]


def history_of(score: list[float], device: list[int], fresh: list[bool], regime: list[int]) -> History:
    n = len(score)
    judged = Judged(
        time=np.arange(n) * MINUTE,
        score=np.array(score, np.float64),
        limit=np.where(np.isnan(score), np.nan, 1.0),
        by_channel=np.ones((n, 1), np.float32),
        fresh=np.array(fresh, np.bool_),
        regime=np.array(regime, np.uint8),
        values=np.zeros((n, 1), np.float32),
        expected=np.zeros((n, 0), np.float32),
    )
    ids = np.sort(np.array(device, np.int64))
    return History(judged, ids, ("a", "b", "c"), None, np.zeros(n, np.bool_), MINUTE, row_clock=False)


def whole(history: History, policy: Policy, limit: Any) -> Rung:
    return Replay(history)._rung(policy, limit, _laid(history, np.arange(len(history))))


@settings(max_examples=120, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(LEVELS),
            st.integers(0, 2),
            st.booleans(),
            st.sampled_from([0, 0, 0, 0, 1, 2]),
        ),
        min_size=1,
        max_size=60,
    ),
    rare=st.integers(0, 3),
    raise_after=st.integers(1, 4),
    release_after=st.integers(1, 4),
    times=st.dictionaries(
        st.sampled_from(["raise_after_ns", "cooldown_ns", "merge_within_ns"]), st.sampled_from([0, 2, 5]), max_size=3
    ),
    excused=st.booleans(),
    quiet=st.booleans(),
    factor=st.sampled_from([0.3, 1.0, 1.6, -1.0]),
)
def test_what_is_passed_over_changes_nothing(
    rows: list[tuple[float, int, bool, int]],
    rare: int,
    raise_after: int,
    release_after: int,
    times: dict[str, int],
    excused: bool,
    quiet: bool,
    factor: float,
) -> None:
    score, device, fresh, regime = (list(column) for column in zip(*rows, strict=True))
    found = history_of(score, device, [one and k % 4 < rare for k, one in enumerate(fresh)], regime)
    policy = Policy(
        1,
        raise_after=raise_after,
        release_after=release_after,
        **{name: value * MINUTE for name, value in times.items()},  # type: ignore[arg-type]  # all of these are ns
        maintenance=("1970-01-01T00:10Z/1970-01-01T00:20Z",) if excused else (),
        quiet=("00:05-00:15",) if quiet else (),
    )
    limit = found.judged.limit * factor
    one, other = whole(found, policy, limit), Replay(found).ring(policy, limit)
    assert (one.incidents, one.held, one.spans) == (other.incidents, other.held, other.spans)
    np.testing.assert_array_equal(one.told, other.told)


def test_only_long_runs_and_their_ends_are_looked_at() -> None:
    score = [0.5, 4, 0.5, 0.5, 4, 4, 0.92, 0.5, 4, 0.5, 0.5, 0.5]
    found = history_of(score, [0] * 12, [False] * 12, [0] * 12)
    policy = Policy(1, raise_after=2, release_after=2)
    assert matter(policy, found.judged, found.judged.limit).tolist() == [4, 5, 6, 7, 8, 9, 10]


def test_nothing_is_looked_at_where_nothing_can_ring() -> None:
    found = history_of([0.5, 4.0, 0.5], [0] * 3, [False] * 3, [0] * 3)
    assert len(matter(Policy(1), found.judged, found.judged.limit)) == 0
    assert Replay(found).ring(Policy(1), found.judged.limit).incidents == 0


@pytest.mark.parametrize("setting", [{"cooldown": 2}, {"release_after_ns": MINUTE}])
def test_a_policy_that_counts_otherwise_sees_all(setting: dict[str, int]) -> None:
    assert not can_pass_over(Policy(1, **setting))  # type: ignore[arg-type]  # whole numbers
    assert can_pass_over(Policy(1))
