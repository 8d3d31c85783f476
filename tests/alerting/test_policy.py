"""The alarm policy: hand-made series, and the law of state."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray, Float32Array, FloatArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold

N = np.nan


def judged(scores: list[float], *, fresh: set[int] | None = None, regime: dict[int, int] | None = None) -> Judged:
    score = np.array([scores], float)
    n = len(scores)
    shares = np.stack([score[0] * 0.25, score[0] * 0.75], axis=-1)[None].astype(np.float32)
    starts = np.array([[k in (fresh or set()) for k in range(n)]])
    block = block_of(np.arange(n)[None] * 10, score, shares, starts)
    return replace(block, regime=np.array([[(regime or {}).get(k, 0) for k in range(n)]], np.uint8))


def block_of(time: IntArray, score: FloatArray, shares: Float32Array, fresh: BoolArray) -> Judged:
    """Return a block with a limit of 1, of readings whose values nobody asks for."""
    nothing = np.zeros((*score.shape, 0), np.float32)
    limit = np.where(np.isnan(score), N, 1.0)
    return Judged(time, score, limit, shares, fresh, np.zeros(score.shape, np.uint8), nothing, nothing)


def follow(
    policy: Policy, scores: list[float], *, fresh: set[int] | None = None, regime: dict[int, int] | None = None
) -> tuple[list[int], list[Event]]:
    block = judged(scores, fresh=fresh, regime=regime)
    _, told, events = policy.tell(policy.init(1), block, np.ones((1, len(scores)), bool))
    return [-1 if start == NEVER else start for start in told.incident[0].tolist()], events


def test_it_raises_after_three_in_a_row_and_releases_after_three_quiet_ones() -> None:
    told, events = follow(Policy(2), [0, 2, 2, 0, 2, 3, 2, 0.95, 0.5, 0.5, 0.5, 0])
    assert told == [-1, -1, -1, -1, -1, -1, 40, 40, 40, 40, -1, -1]
    assert [event.kind for event in events] == ["open", "close"]
    incident = events[-1].incident
    assert (incident.start, incident.peak, incident.end) == (40, 50, 60)
    assert incident.severity == 3.0
    assert not incident.open
    np.testing.assert_allclose(incident.shares, (0.25, 0.75))


def test_an_incident_that_is_still_open_at_the_end_of_a_file_is_told_as_it_stands() -> None:
    policy = Policy(2)
    state, _, events = policy.tell(policy.init(1), judged([2, 2, 2, 0.95, 6, 2, 0]), np.ones((1, 7), bool))
    told = [(e.kind, e.incident.end, e.incident.severity) for e in events]
    assert told == [("open", 20, 2.0), ("update", 40, 6.0)]
    after, (last,) = policy.finish(state)
    assert (last.kind, last.revision, last.incident.end, last.incident.severity) == ("update", 2, 50, 6.0)
    assert last.incident.open
    assert int(after.revision[0]) == 3
    assert policy.finish(policy.init(1))[1] == []


def test_an_open_incident_that_becomes_worse_is_told_again_once_a_grade() -> None:
    policy = Policy(2, raise_after=2, grades=(1.5, 3.0))
    _, events = follow(policy, [1.2, 1.4, 1.3, 1.6, 2.9, 4.0, 9.0, 0, 0, 0])
    told = [(event.kind, event.revision, event.incident.end, event.incident.severity) for event in events]
    assert told == [("open", 0, 10, 1.4), ("update", 1, 30, 1.6), ("update", 2, 50, 4.0), ("close", 3, 60, 9.0)]
    _, events = follow(policy, [1.2, 4.0, 1.3])
    assert [(event.kind, event.incident.severity) for event in events] == [("open", 4.0)]


def test_one_that_is_held_back_is_told_with_the_grade_it_has_then() -> None:
    held = Policy(2, raise_after=1, quiet=("Thu 00:00-00:01 UTC",))
    minutes = 10 * 10**9
    block = judged([1.2, 4.0, 4.0, 4.0, 9.0])
    _, _, events = held.tell(held.init(1), replace(block, time=np.arange(5)[None] * minutes * 2), np.ones((1, 5), bool))
    assert [(event.kind, event.incident.opened // minutes) for event in events] == [("open", 6)]


def test_a_grade_and_a_new_level_at_one_reading_are_told_together() -> None:
    _, events = follow(Policy(2, raise_after=1), [1.2, 4.0, 4.0], regime={1: 1})
    assert [(event.kind, event.incident.regime) for event in events] == [("open", ""), ("update", "noticed")]


def test_scores_between_release_level_and_limit_keep_an_incident_open() -> None:
    told, _ = follow(Policy(1 + 1, raise_after=1, release_after=2), [2, 0.95, 0.95, 0.95, 0.5, 0.95, 0.5, 0.5])
    assert told == [0, 0, 0, 0, 0, 0, 0, -1]


def test_readings_without_a_score_neither_raise_nor_release() -> None:
    told, _ = follow(Policy(2, raise_after=2, release_after=2), [2, N, 2, 0.1, N, N, 0.1])
    assert told == [-1, -1, 0, 0, 0, 0, -1]


def test_cooldown_holds_back_the_next_incident_but_not_for_ever() -> None:
    told, events = follow(Policy(2, raise_after=1, release_after=1, cooldown=3), [2, 0, 2, 2, 2, 2, 0])
    assert told == [0, -1, -1, -1, 20, 20, -1]
    assert [event.incident.start for event in events] == [0, 0, 20, 20]


def test_a_restart_closes_what_was_open() -> None:
    told, events = follow(Policy(2, raise_after=1), [2, 2, 0.5, 2], fresh={2})
    assert told == [0, 0, -1, 30]
    assert [event.kind for event in events] == ["open", "close", "open"]
    assert events[1].incident.end == 10


def test_a_lasting_new_level_is_told_once_and_taken_as_normal_when_the_threshold_says_so() -> None:
    told, events = follow(Policy(2, raise_after=2), [2, 2, 2, 2, 2, 2, 0.5, 2], regime={2: 1, 3: 1, 5: 2})
    assert told == [-1, 0, 0, 0, 0, -1, -1, -1]
    assert [(event.kind, event.revision, event.incident.regime) for event in events] == [
        ("open", 0, ""),
        ("update", 1, "noticed"),
        ("close", 2, "adopted"),
    ]
    assert events[-1].incident.end == 40


def test_a_new_level_noticed_before_it_rings_is_told_with_the_opening() -> None:
    _, events = follow(Policy(2, raise_after=3), [2, 2, 2, 2], regime={1: 1})
    assert [(event.kind, event.incident.regime) for event in events] == [("open", "noticed")]
    _, events = follow(Policy(2, raise_after=3), [2, 2, 0, 2, 2, 2], regime={1: 1})
    assert [(event.kind, event.incident.regime) for event in events] == [("open", "")]


@pytest.mark.parametrize("wrong", [{"raise_after": 0}, {"release_after": 0}, {"cooldown": -1}, {"release_below": 1.5}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError):
        Policy(2, **wrong)  # type: ignore[arg-type]


policies = st.builds(
    Policy,
    channels=st.just(2),
    raise_after=st.integers(1, 4),
    release_below=st.sampled_from([0.5, 0.9, 1.0]),
    release_after=st.integers(1, 4),
    cooldown=st.integers(0, 5),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(policies, st.integers(0, 2**32 - 1), st.lists(st.integers(0, 30), max_size=4))
def test_scan_equals_steps(policy: Policy, seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    shape = (3, 30)
    score = rng.choice([0.3, 0.95, 1.5, 3.0, N], size=shape)
    shares = rng.random((*shape, 2)).astype(np.float32)
    time = np.cumsum(rng.integers(1, 9, size=shape), axis=1)
    regime = rng.choice(3, size=shape, p=[0.9, 0.06, 0.04]).astype(np.uint8)
    block = replace(block_of(time, score, shares, rng.random(shape) < 0.05), regime=regime)
    valid = np.arange(30)[None] < rng.integers(0, 31, size=(3, 1))
    check_scan_is_fold(policy, block, valid, cuts=cuts)
    check_devices_apart(policy, block, valid)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([0.3, 0.95, 1.5, N]), min_size=1, max_size=60))
def test_every_incident_opened_is_closed_before_the_next(scores: list[float]) -> None:
    _, events = follow(Policy(2), scores)
    kinds = [event.kind for event in events]
    assert kinds == (["open", "close"] * len(kinds))[: len(kinds)]


def test_incidents_of_devices_that_are_dismissed_are_over() -> None:
    policy = Policy(2, raise_after=1)
    state, _, (opened,) = policy.tell(policy.init(1), judged([2, 2]), np.ones((1, 2), bool))
    after, (closed,) = policy.dismiss(state)
    assert (opened.kind, closed.kind, closed.revision) == ("open", "close", 1)
    assert (closed.incident.end, closed.incident.open) == (10, False)
    assert policy.dismiss(after)[1] == []
