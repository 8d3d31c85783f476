"""When it rings and when it does not: spans of time, merging, quiet hours and maintenance, in hand-made series."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.alerting import Judged
from tocsin.alerting.policy import Policy
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER

N = np.nan
MINUTE = 60 * 10**9
DAWN = int(np.datetime64("2026-11-20T05:55", "ns").astype(np.int64))


def follow(
    policy: Policy, scores: list[float], *, minutes: list[int] | None = None, adopted: int = -1
) -> tuple[list[Event], list[bool]]:
    """Return events, and at which readings an incident was told, of readings a minute apart from 5:55 on."""
    n = len(scores)
    score = np.array([scores])
    nothing = np.zeros((1, n, 0), np.float32)
    block = Judged(
        time=DAWN + MINUTE * np.array([minutes or list(range(n))]),
        score=score,
        limit=np.where(np.isnan(score), N, 1.0),
        by_channel=np.ones((1, n, 1), np.float32),
        fresh=np.zeros((1, n), np.bool_),
        regime=2 * (np.arange(n)[None] == adopted).astype(np.uint8),
        values=nothing,
        expected=nothing,
    )
    state = policy.enrol(policy.init(1), ["pump-1"])
    _, told, events = policy.tell(state, block, np.ones((1, n), np.bool_))
    return events, (told.incident[0] != NEVER).tolist()


def in_minutes(events: list[Event]) -> list[tuple[str, int, int, int]]:
    """Return kind, revision, start and end of events, in minutes from 5:55."""
    return [
        (e.kind, e.revision, (e.incident.start - DAWN) // MINUTE, (e.incident.end - DAWN) // MINUTE) for e in events
    ]


def test_windows_and_time_must_both_have_passed() -> None:
    policy = Policy(1, raise_after=3, raise_after_ns=5 * MINUTE, release_after=1, release_after_ns=3 * MINUTE)
    events, _ = follow(policy, [2.0] * 8 + [0.1] * 6)
    assert in_minutes(events) == [("open", 0, 0, 5), ("close", 1, 0, 7)]
    assert events[0].incident.opened == DAWN + 5 * MINUTE
    sparse, _ = follow(policy, [2.0, 2.0, 2.0, 0.1, 0.1], minutes=[0, 10, 20, 30, 40])
    assert in_minutes(sparse) == [("open", 0, 0, 20), ("close", 1, 0, 20)]


def test_a_quiet_stretch_that_is_interrupted_begins_anew() -> None:
    policy = Policy(1, raise_after=1, release_after=1, release_after_ns=2 * MINUTE)
    _, told = follow(policy, [2.0, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1])
    assert told == [True] * 6 + [False]


def test_cooldown_in_time_holds_back_the_next_but_not_for_ever() -> None:
    policy = Policy(1, raise_after=1, release_after=1, cooldown_ns=4 * MINUTE)
    events, _ = follow(policy, [2.0, 0.1, 2.0, 2.0, 2.0, 2.0, 0.1])
    assert in_minutes(events) == [("open", 0, 0, 0), ("close", 1, 0, 0), ("open", 0, 2, 5), ("close", 1, 2, 5)]


def test_what_reopens_soon_goes_on_under_the_same_name() -> None:
    policy = Policy(1, raise_after=1, release_after=1, merge_within_ns=3 * MINUTE)
    events, told = follow(policy, [2.0, 0.1, 0.1, 5.0, 0.1, 0.1, 0.1, 0.1, 2.0])
    assert in_minutes(events) == [
        ("open", 0, 0, 0),
        ("close", 1, 0, 0),
        ("update", 2, 0, 3),
        ("close", 3, 0, 3),
        ("open", 0, 8, 8),
    ]
    assert told == [True, False, False, True, False, False, False, False, True]
    assert (events[3].incident.severity, events[3].incident.peak) == (5.0, DAWN + 3 * MINUTE)
    assert events[3].incident.opened == DAWN


@pytest.mark.parametrize(
    ("scores", "adopted", "kinds"),
    [
        ([2.0, 2.0, 2.0], 1, [("open", 0), ("close", 0), ("open", 2)]),
        ([2.0, 0.1, 0.1, 2.0], 2, [("open", 0), ("close", 0), ("open", 3)]),
        ([2.0, 0.1, 0.1, 2.0], 9, [("open", 0), ("close", 0), ("update", 0)]),
    ],
)
def test_what_was_before_a_level_was_adopted_is_not_gone_on_with(
    scores: list[float], adopted: int, kinds: list[tuple[str, int]]
) -> None:
    policy = Policy(1, raise_after=1, release_after=1, merge_within_ns=60 * MINUTE)
    events, _ = follow(policy, scores, adopted=adopted)
    assert [(event.kind, (event.incident.start - DAWN) // MINUTE) for event in events] == kinds


QUIET = Policy(1, raise_after=1, release_after=1, quiet=("22:00-06:00",))


def test_what_comes_and_goes_in_quiet_hours_is_held_back_and_counted() -> None:
    events, told = follow(QUIET, [2.0, 2.0, 0.1, 0.1, 0.1, 0.1, 0.1])
    assert in_minutes(events) == [("held", 0, 0, 1)]
    assert events[0].incident.held
    assert not any(told)


def test_what_is_still_open_when_quiet_hours_end_is_told_then() -> None:
    events, told = follow(QUIET, [0.1, 2.0, 2.0, 2.0, 2.0, 2.0, 0.1])
    assert in_minutes(events) == [("open", 0, 1, 5), ("close", 1, 1, 5)]
    assert not events[0].incident.held
    assert events[0].incident.opened == DAWN + 5 * MINUTE
    assert told == [False] * 5 + [True, False]


def test_what_was_told_before_quiet_hours_is_told_to_its_end() -> None:
    evening = replace(QUIET, quiet=("05:57-22:00",))
    events, told = follow(evening, [2.0, 2.0, 2.0, 2.0, 0.1])
    assert in_minutes(events) == [("open", 0, 0, 0), ("close", 1, 0, 3)]
    assert told == [True] * 4 + [False]


def test_what_was_held_back_and_what_was_told_are_not_merged() -> None:
    events, _ = follow(replace(QUIET, merge_within_ns=60 * MINUTE), [2.0, 0.1, 2.0, 0.1, 0.1, 2.0, 0.1])
    assert in_minutes(events) == [
        ("held", 0, 0, 0),
        ("held", 1, 0, 2),
        ("open", 0, 5, 5),
        ("close", 1, 5, 5),
    ]


def test_what_is_held_back_at_the_end_of_a_file_is_counted() -> None:
    policy = QUIET
    block_events, _ = follow(policy, [2.0, 2.0])
    assert block_events == []
    nothing = np.zeros((1, 2, 0), np.float32)
    ones = np.ones((1, 2))
    block = Judged(
        DAWN + MINUTE * np.arange(2)[None],
        2 * ones,
        ones,
        np.ones((1, 2, 1), np.float32),
        ones > 1,
        np.zeros((1, 2), np.uint8),
        nothing,
        nothing,
    )
    state, _, _ = policy.tell(policy.init(1), block, np.ones((1, 2), np.bool_))
    after, events = policy.finish(state)
    assert [(e.kind, e.revision, e.incident.open, e.incident.held) for e in events] == [("held", 0, True, True)]
    assert int(after.revision[0]) == 1


def maintained(reach: int, *, pattern: str = "") -> Policy:
    work = f"2026-11-20T05:56Z/2026-11-20T05:58Z{pattern}"
    return Policy(1, raise_after=1, release_after=1, maintenance=(work,), reach_ns=reach * MINUTE)


def test_what_began_in_maintenance_is_forgotten_once_no_window_holds_it() -> None:
    events, told = follow(maintained(2), [0.1, 2.0, 2.0, 2.0, 2.0, 2.0, 0.1])
    assert in_minutes(events) == [("held", 0, 1, 4), ("open", 0, 5, 5), ("close", 1, 5, 5)]
    assert told == [False] * 5 + [True, False]


def test_a_run_that_began_in_maintenance_and_never_rang_is_forgotten_too() -> None:
    events, _ = follow(replace(maintained(1), raise_after=4), [0.1, 0.1, 0.1, 2.0, 2.0, 2.0, 2.0, 2.0])
    assert in_minutes(events) == [("open", 0, 4, 7)]


def test_what_began_before_maintenance_and_outlasts_it_is_told() -> None:
    events, told = follow(replace(maintained(1), raise_after=2), [2.0, 2.0, 2.0, 2.0, 2.0, 0.1])
    assert in_minutes(events) == [("open", 0, 0, 4), ("close", 1, 0, 4)]
    assert told == [False] * 4 + [True, False]


def test_maintenance_is_of_the_devices_that_it_names() -> None:
    assert in_minutes(follow(maintained(0, pattern=" pump-*"), [0.1, 2.0, 0.1])[0]) == [("held", 0, 1, 1)]
    assert in_minutes(follow(maintained(0, pattern=" fan-*"), [0.1, 2.0, 0.1])[0]) == [
        ("open", 0, 1, 1),
        ("close", 1, 1, 1),
    ]
