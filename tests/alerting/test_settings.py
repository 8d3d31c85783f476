"""From [alarm] to a policy, for new ones and for editing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tocsin.alerting.intent import Intent
from tocsin.alerting.policy import Policy
from tocsin.alerting.settings import adjusted, written_rule
from tocsin.core.errors import SettingError
from tocsin.core.schema import Channel, Schema

SCHEMA = Schema((Channel("temperature", "°C"), Channel("humidity", "%")))
MINUTE = 60 * 10**9


def made(
    alarm: Mapping[str, Any],
    before: Policy | None = None,
    *,
    row_clock: bool = False,
    devices: Sequence[str] = (),
) -> Policy:
    own = before or Policy(2)
    return adjusted(own, alarm, schema=SCHEMA, window=10, period_ns=MINUTE, row_clock=row_clock, devices=devices)


def test_what_is_asked_for_is_changed_and_all_else_stays() -> None:
    before = Policy(2, raise_after=5, cooldown=7, usual=(20.0, 50.0))
    after = made({"release_after": "5min", "merge_within": "1h", "together": 5, "raise_after": None}, before)
    assert (after.raise_after, after.cooldown, after.usual) == (5, 7, (20.0, 50.0))
    assert (after.release_after, after.release_after_ns) == (1, 5 * MINUTE)
    assert (after.merge_within_ns, after.together_ns, after.reach_ns) == (60 * MINUTE, 5 * MINUTE, 10 * MINUTE)
    assert made({"release_after": 4}, after).release_after_ns == 0


def test_a_channels_table_and_its_text_say_the_same() -> None:
    table = {"direction": "high", "least": 2, "expected": [0, 80], "raise_after": "5min"}
    text = "high, least 2, expected 0..80, raise_after 5min"
    expected = Intent(
        channel=0, direction="high", least=2.0, low=0.0, high=80.0, raise_after=1, raise_after_ns=5 * MINUTE
    )
    assert made({"channel": {"temperature": table}}).intents == (expected,)
    assert made({"channel": {"temperature": text}}).intents == (expected,)


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("expected ..80", (None, 80.0)),
        ("expected -5.5..", (-5.5, None)),
        ({"expected": [float("-inf"), 3]}, (None, 3.0)),
        ("expected any", (None, None)),
    ],
)
def test_a_range_may_be_open(written: object, ends: tuple[float | None, float | None]) -> None:
    (own,) = made({"channel": {"humidity": written}}).intents
    assert (own.low, own.high) == ends


def test_a_channel_is_edited_setting_by_setting() -> None:
    before = made({"channel": {"temperature": "high, expected 0..80", "humidity": "mute"}})
    after = made({"channel": {"temperature": "least 3, expected any"}}, before)
    assert after.intents == (
        Intent(channel=0, direction="high", least=3.0),
        Intent(channel=1, mute=True),
    )


def test_devices_have_rules_of_their_own() -> None:
    own = {"raise_after": "2min", "limit_factor": 1.5, "channel": {"temperature": {"expected": [0, 95]}}}
    policy = made({"raise_after": 4, "device": {"pump-*": own, "pump-9": {"mute": True}}})
    named = policy.enrol(policy.init(3), ["fan", "pump-1", "pump-9"])
    assert named.kind.tolist() == [0, 1, 2]
    laws = [policy.tables.laws[kind] for kind in named.kind]
    assert [(law.raise_after, law.raise_after_ns) for law in laws] == [(4, 0), (1, 2 * MINUTE), (4, 0)]
    assert policy.tables.factor.tolist() == [1.0, 1.5, 1.0]
    assert policy.tables.high[:, 0].tolist() == [float("inf"), 95.0, float("inf")]
    edited = made({"device": {"pump-*": {"cooldown": 3}}}, policy)
    assert edited.tables.laws[1].cooldown == 3
    assert edited.tables.laws[1].raise_after_ns == 2 * MINUTE


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"raise_afer": 3}, "raise_afer"),
        ({"raise_after": "soon"}, "10min"),
        ({"release_below": "half"}, "no number"),
        ({"release_below": 1.5}, "share of the limit"),
        ({"grades": 2}, "two severities"),
        ({"grades": [3, 1.5]}, "grades are 3 and 1.5"),
        ({"quiet": "at night"}, "no quiet hours"),
        ({"maintenance": "2026"}, "a start and an end"),
        ({"channel": {"pressure": "high"}}, "temperature, humidity"),
        ({"channel": {"temperature": "up"}}, "cannot be understood"),
        ({"channel": {"temperature": {"direction": "up"}}}, "high, low, both"),
        ({"channel": {"temperature": {"least": -1}}}, "smallest deviation"),
        ({"channel": {"temperature": {"expected": [80, 0]}}}, "is empty"),
        ({"channel": {"temperature": {"mute": "yes"}}}, "true or false"),
        ({"channel": {"temperature": 5}}, "For example"),
        ({"channel": "temperature"}, "no table"),
        ({"device": {"pump-*": {"limit": 2}}}, "limit_factor"),
        ({"device": {"pump-*": {"limit_factor": 0}}}, "above 0"),
        ({"device": {"pump-3": {"mute": True}}}, "There are pump-1, pump-2."),
        ({"maintenance": "2026-03-01T08:00Z/2026-03-01T12:00Z pump-1, pump-2"}, "There is no device 'pump-1, pump-2'"),
    ],
)
def test_what_cannot_be_is_refused_with_what_there_is(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError) as told:
        made(wrong, devices=["pump-1", "pump-2"])
    assert message in str(told.value)


@pytest.mark.parametrize("timed", [{"raise_after": "10min"}, {"merge_within": "1h"}, {"quiet": "Sat"}])
def test_times_are_refused_where_rows_are_the_clock(timed: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match="rows are counted"):
        made(timed, row_clock=True)


def test_counts_of_rows_work_where_rows_are_the_clock() -> None:
    found = adjusted(Policy(2), {"merge_within": 30}, schema=SCHEMA, window=10, period_ns=1, row_clock=True)
    assert (found.merge_within_ns, found.reach_ns) == (30, 0)


def test_a_rule_names_its_channel_even_where_that_has_a_colon() -> None:
    assert written_rule("bay: temp: high") == ("bay: temp", "high")
    with pytest.raises(SettingError, match="names no channel"):
        written_rule("high, least 2")
