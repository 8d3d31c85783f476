"""The law of state, and what no setting may change: any policy, any readings, any cuts."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from tests.alerting.conftest import NAMES, policies, readings

from tocsin.alerting import Judged, Told, Watch
from tocsin.alerting.policy import Policy
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray
from tocsin.core.state import Stateful, from_arrays, take, to_arrays
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold

SEEDS = st.integers(0, 2**32 - 1)


class Named(Stateful[Watch, Judged, Told]):
    """A policy whose devices have names from the start, as a pipeline's have."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def init(self, devices: int) -> Watch:
        return self.policy.enrol(self.policy.init(devices), NAMES[:devices])

    def step(self, state: Watch, x: Judged) -> tuple[Watch, Told]:
        return self.policy.step(state, x)

    def scan(self, state: Watch, block: Judged, valid: BoolArray) -> tuple[Watch, Told]:
        return self.policy.scan(state, block, valid)


def events_of(policy: Policy, block: Judged, valid: BoolArray, cuts: list[int]) -> list[Event]:
    state = policy.enrol(policy.init(len(valid)), NAMES)
    found: list[Event] = []
    for start, stop in pairwise([0, *sorted(cuts), valid.shape[1]]):
        span = slice(start, stop)
        part = Judged(**{f.name: getattr(block, f.name)[:, span] for f in fields(Judged)})
        state = from_arrays(policy.init(0), to_arrays(state))  # as after a restart
        state, _, events = policy.tell(state, part, valid[:, span])
        found += events
    _, rest = policy.finish(state)
    return sorted([*found, *rest], key=lambda e: (e.incident.device, e.incident.start, e.revision))


@settings(max_examples=200, deadline=None)
@given(policies, SEEDS, st.lists(st.integers(0, 40), max_size=4))
def test_scan_equals_steps_and_devices_are_apart(policy: Policy, seed: int, cuts: list[int]) -> None:
    block, valid = readings(seed)
    check_scan_is_fold(Named(policy), block, valid, cuts=cuts)
    check_devices_apart(policy, block, valid)


@settings(max_examples=200, deadline=None)
@given(policies, SEEDS, st.lists(st.integers(0, 40), max_size=4))
def test_events_do_not_depend_on_cuts(policy: Policy, seed: int, cuts: list[int]) -> None:
    block, valid = readings(seed)
    assert list(map(repr, events_of(policy, block, valid, cuts))) == list(
        map(repr, events_of(policy, block, valid, []))
    )


@settings(max_examples=300, deadline=None)
@given(policies, SEEDS)
def test_events_of_an_incident_are_in_order(policy: Policy, seed: int) -> None:
    block, valid = readings(seed)
    for device in range(3):
        events = [event for event in events_of(policy, block, valid, []) if event.incident.device == device]
        for start in {event.incident.start for event in events}:
            own = [event for event in events if event.incident.start == start]
            assert [event.revision for event in own] == list(range(len(own)))
            heard = [event.kind for event in own if event.kind != "held"]
            assert heard[:1] in ([], ["open"])
            assert heard.count("open") <= 1
            assert all(event.incident.held == (event.kind == "held") for event in own)
            assert all(event.incident.severity > 0 for event in own)
            assert all(event.incident.end >= event.incident.peak >= event.incident.start for event in own)


@settings(max_examples=100, deadline=None)
@given(policies, SEEDS)
def test_a_device_without_a_name_is_as_one_that_no_rule_is_about(policy: Policy, seed: int) -> None:
    block, valid = readings(seed, devices=1)
    if any(rule.matches("other") for rule in policy.devices):
        return
    one = policy.tell(policy.init(1), block, valid)
    other = policy.tell(policy.enrol(policy.init(1), ["other"]), block, valid)
    assert list(map(repr, one[2])) == list(map(repr, other[2]))


@settings(max_examples=100, deadline=None)
@given(policies)
def test_a_policy_is_kept_as_plain_values(policy: Policy) -> None:
    kept = TypeAdapter(Policy)
    assert kept.validate_json(kept.dump_json(policy)) == policy


@pytest.mark.parametrize("merge", [0, 1])
def test_what_is_remembered_of_a_device_is_bounded(merge: int) -> None:
    policy = Policy(5, merge_within_ns=merge, maintenance=("2026-01-01T00:00Z/2026-01-02T00:00Z",))
    state = policy.init(1000)
    bytes_each = sum(array.nbytes for array in to_arrays(state).values()) / 1000
    assert bytes_each == 168 + 1 + 8 * 5 * (1 + merge)
    assert (take(state, np.array([0])).start == NEVER).all()
