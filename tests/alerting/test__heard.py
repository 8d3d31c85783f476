"""What of a reading is worth telling: hand-made series for directions, dead bands, ranges, mutes and devices' rules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.alerting import Judged
from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.intent import Intent
from tocsin.alerting.policy import Policy
from tocsin.core.alerts import Event, Incident

N = np.nan
ONCE = Policy(2, raise_after=1, release_after=1)
HOT, DAMP = 0, 1


def block(
    score: list[float],
    *,
    shares: list[tuple[float, float]] | None = None,
    values: list[tuple[float, float]] | None = None,
    expected: list[tuple[float, float]] | None = None,
) -> Judged:
    """Return one device's readings a second apart, with a limit of 1, both channels to blame alike unless told."""
    n, whole = len(score), np.array([score])
    halves = [(each / 2, each / 2) for each in score]
    return Judged(
        time=np.arange(n)[None] * 10**9,
        score=whole,
        limit=np.where(np.isnan(whole), N, 1.0),
        by_channel=np.array([shares or halves], np.float32),
        fresh=np.zeros((1, n), np.bool_),
        regime=np.zeros((1, n), np.uint8),
        values=np.array([values or [(0.0, 0.0)] * n], np.float32),
        expected=np.array([expected], np.float32) if expected else np.zeros((1, n, 0), np.float32),
    )


def told(policy: Policy, given: Judged, *, name: str = "pump-1") -> list[Event]:
    state = policy.enrol(policy.init(1), [name])
    return policy.tell(state, given, np.ones(given.score.shape, np.bool_))[2]


def last(policy: Policy, given: Judged, *, name: str = "pump-1") -> Incident:
    return told(policy, given, name=name)[-1].incident


def test_only_deviations_in_the_wanted_direction_count_and_the_score_is_what_is_left() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, direction="high"),), usual=(20.0, 50.0))
    shares = [(2.5, 1.5), (2.5, 1.5)]
    cold = block([4.0, 0.1], shares=shares, values=[(15.0, 60.0), (20.0, 50.0)])
    incident = last(policy, cold)
    assert (incident.severity, incident.shares) == (1.5, (0.0, 1.0))
    hot = last(policy, block([4.0, 0.1], shares=shares, values=[(25.0, 60.0), (20.0, 50.0)]))
    assert (hot.severity, hot.shares) == (4.0, (0.625, 0.375))
    alone = block([2.5, 0.1], shares=[(2.0, 0.5), (0.1, 0.0)], values=[(15.0, 50.0), (20.0, 50.0)])
    assert told(policy, alone) == []  # 0.5 is left, below the limit


def test_the_value_that_was_expected_comes_before_the_usual_one() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, direction="low"),), usual=(20.0, 50.0))
    score, shares, values = [4.0], [(4.0, 0.0)], [(25.0, 50.0)]
    assert told(policy, block(score, shares=shares, values=values)) == []
    assert len(told(policy, block(score, shares=shares, values=values, expected=[(30.0, 50.0)]))) == 1
    assert told(policy, block(score, shares=shares, values=values, expected=[(N, 50.0)])) == []


@pytest.mark.parametrize(("deviation", "rings"), [(1.9, False), (-1.9, False), (2.0, True), (-2.5, True)])
def test_deviations_smaller_than_the_least_are_not_worth_telling(deviation: float, rings: bool) -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, least=2.0),), usual=(20.0, 50.0))
    found = told(policy, block([4.0], shares=[(4.0, 0.0)], values=[(20.0 + deviation, 50.0)]))
    assert bool(found) is rings


def test_of_a_muted_channel_nothing_is_told_not_even_its_range() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, mute=True, low=0.0),))
    assert told(policy, block([4.0, 0.1], shares=[(3.5, 0.5), (0, 0)], values=[(-9.0, 0.0)] * 2)) == []


def test_a_score_that_nobody_attributes_counts_whole() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, mute=True), Intent(channel=DAMP, mute=True)))
    assert len(told(policy, block([4.0], shares=[(N, N)]))) == 1
    assert told(policy, block([4.0])) == []
    assert told(policy, block([4.0], shares=[(1.0, 1.0)])) == []  # however badly the shares sum up


def test_release_goes_by_what_is_left_of_the_score() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, mute=True),))
    shares = [(0.0, 2.0), (1.5, 0.45), (0.4, 0.55), (0.0, 0.2)]
    events = told(policy, block([2.0, 1.95, 0.95, 0.2], shares=shares))
    assert [(event.kind, event.incident.end) for event in events] == [("open", 0), ("close", 0)]


def test_a_value_outside_its_range_rings_whatever_the_score_and_is_the_cause() -> None:
    policy = Policy(2, raise_after=2, release_after=2, intents=(Intent(channel=HOT, low=0.0, high=80.0),))
    values = [(20.0, 0.0), (81.0, 0.0), (82.0, 0.0), (80.0, 0.0), (20.0, 0.0), (20.0, 0.0)]
    events = told(policy, block([0.1] * 6, values=values))
    assert [event.kind for event in events] == ["open", "close"]
    incident = events[-1].incident
    assert (incident.start, incident.end, incident.severity) == (10**9, 2 * 10**9, 1.0)
    assert (incident.shares, incident.outside) == ((1.0, 0.0), True)


def test_once_a_value_left_its_range_that_is_the_cause_and_the_severity_is_the_worst_of_both() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, high=80.0),))
    shares = [(0.0, 5.0), (0.0, 0.2), (0.0, 3.0), (0.0, 0.1)]
    values = [(20.0, 9.0), (90.0, 9.0), (20.0, 9.0), (20.0, 9.0)]
    incident = last(policy, block([5.0, 0.2, 3.0, 0.1], shares=shares, values=values))
    assert (incident.severity, incident.shares, incident.outside) == (5.0, (1.0, 0.0), True)


def test_bounds_are_as_exact_as_the_readings_are() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, low=-0.1, high=0.1),))
    assert told(policy, block([0.1, 0.1], values=[(0.1, 0.0), (-0.1, 0.0)])) == []


def test_values_outside_count_without_a_score_and_so_do_values_back_inside() -> None:
    policy = Policy(2, raise_after=2, release_after=2, intents=(Intent(channel=HOT, high=80.0),))
    hot, fine, nobody = (90.0, 0.0), (20.0, 0.0), (N, 0.0)
    values = [hot, hot, nobody, fine, fine, hot]
    events = told(policy, block([N] * 6, values=values))
    assert [event.kind for event in events] == ["open", "close"]
    assert (events[0].incident.severity, events[1].incident.end) == (1.0, 10**9)


def test_a_reading_without_a_score_that_is_in_range_does_not_end_what_a_score_began() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, high=80.0),))
    assert [event.kind for event in told(policy, block([2.0, N, N]))] == ["open"]


def test_the_leading_channel_decides_after_how_many_windows_it_rings() -> None:
    policy = Policy(2, raise_after=2, intents=(Intent(channel=HOT, raise_after=4),))
    slow = block([2.0] * 5, shares=[(1.5, 0.5)] * 5)
    assert [event.incident.opened for event in told(policy, slow)] == [3 * 10**9]
    quick = block([2.0] * 5, shares=[(0.5, 1.5)] * 5)
    assert [event.incident.opened for event in told(policy, quick)] == [10**9]


def test_devices_have_factors_ranges_and_mutes_of_their_own() -> None:
    rules = (
        DeviceRule(pattern="pump-*", limit_factor=2.0, intents=(Intent(channel=HOT, high=95.0),)),
        DeviceRule(pattern="pump-9", mute=True),
    )
    policy = replace(ONCE, intents=(Intent(channel=HOT, high=80.0),), devices=rules)
    loud, warm = block([1.5, 0.1]), block([0.1, 0.1], values=[(90.0, 0.0), (0.0, 0.0)])
    assert [bool(told(policy, loud, name=name)) for name in ("fan", "pump-1", "pump-9")] == [True, False, False]
    assert [bool(told(policy, warm, name=name)) for name in ("fan", "pump-1", "pump-9")] == [True, False, False]
    louder = last(policy, block([5.0, 0.1]), name="pump-1")
    assert (louder.peak_limit, louder.severity) == (2.0, 2.5)


def test_readings_are_not_changed_by_being_heard() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, mute=True), Intent(channel=DAMP, high=0.5)))
    given = block([4.0, 2.0], values=[(0.0, 1.0), (0.0, 0.0)])
    before = {name: getattr(given, name).copy() for name in vars(given)}
    told(policy, given)
    for name, array in before.items():
        np.testing.assert_array_equal(getattr(given, name), array)


def test_a_policy_that_knows_no_values_takes_every_deviation_as_worth_telling() -> None:
    policy = replace(ONCE, intents=(Intent(channel=HOT, least=5.0, high=1.0),))
    given = replace(block([4.0]), values=np.zeros((1, 1, 0), np.float32))
    assert len(told(policy, given)) == 1
