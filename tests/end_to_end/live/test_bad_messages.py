"""What devices and networks do to messages: lose their form, come twice, overtake one another, flood."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.end_to_end.live.conftest import MakeRun, assert_told_once

from tocsin.core.arrivals import Message
from tocsin.engine.live.duty import Duty
from tocsin.engine.scorer import Scorer
from tocsin.store import open_store
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_receiver import Receiver

BROKERS = ["mqtt", pytest.param("kafka", marks=pytest.mark.slow)]


@pytest.mark.parametrize("broker", BROKERS)
def test_messages_that_mean_nothing_stop_nobody(
    broker: str, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver, dice: random.Random
) -> None:
    run = make_run(broker)
    watch = run.watch("--sink", receiver.url).ready()
    messages = fleet.messages()
    places = dice.sample(range(len(messages)), len(messages) // 100)
    for place in sorted(places, reverse=True):
        messages.insert(place, _nonsense(fleet.names[place % fleet.devices], dice))
    run.publish(messages)
    run.until(lambda: watch.meter("tocsin_dead_letters_total") == len(places), "all dead letters are counted")
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)
    store = open_store(run.store)
    letters = store.dead_letters(most=10_000)
    store.close()
    assert 0 < len(letters) <= len(places)
    assert all(letter.reason.endswith(".") for letter in letters)


@pytest.mark.parametrize("broker", BROKERS)
def test_readings_that_come_twice_are_judged_once(
    broker: str, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver, dice: random.Random
) -> None:
    run = make_run(broker)
    run.watch("--sink", receiver.url).ready()
    messages = [copy for each in fleet.messages() for copy in [each] * dice.choice((1, 1, 2, 3))]
    run.publish(messages)
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.parametrize("broker", BROKERS)
def test_readings_that_overtake_each_other_are_judged_as_in_a_file_of_that_order(
    broker: str, make_run: MakeRun, scorer: Scorer, fleet: LiveFleet, tmp_path: Path, dice: random.Random
) -> None:
    """The artifact gathers readings on its grid, and keeps each second open for two more."""
    clock = replace(scorer.artifact.clock, align=True, lateness_ns=2 * 10**9)
    patient = Scorer(replace(scorer.artifact, clock=clock))
    patient.save(tmp_path / "patient.tocsin")
    delays = np.array([dice.choice((0, 0, 0, 1, 2, 4)) for _ in range(len(fleet))])
    order = np.argsort(fleet.numbers + delays, kind="stable")
    duty = Duty(patient.artifact, keep_every_ns=0)
    expected = LiveOutcome.judged(duty, fleet.arrivals().take(order))
    assert expected != LiveOutcome.judged(duty, fleet.arrivals()), "some came too late"
    run = make_run(broker)
    run.artifact = tmp_path / "patient.tocsin"
    run.watch().ready()
    run.publish(fleet.messages(order))
    found = run.finish(expected)
    assert found == expected, expected.differences(found)


@pytest.mark.slow
@pytest.mark.parametrize("readings", [20_000, pytest.param(200_000, marks=pytest.mark.slow)])
def test_a_device_that_floods_harms_no_other(
    readings: int, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    run = make_run()
    watch = run.watch("--sink", receiver.url).ready()
    flood = [Message("flood", each.payload, 0) for each in LiveFleet(devices=1, readings=readings).arrays(500)]
    messages = fleet.messages()
    every = max(1, len(messages) // len(flood))
    for number, each in enumerate(flood):
        messages.insert(number * (every + 1) % len(messages), each)
    before = watch.memory()
    run.publish(messages)
    ours = set(expected.verdicts)
    run.until(lambda: watch.meter("tocsin_readings_total") == len(expected.verdicts) + readings, "all readings")
    run.until(lambda: set(receiver.news) >= set(expected.news), "all news at the receiver")
    assert watch.memory() - before < 100e6
    watch.stop()
    found = run.outcome()
    mine = LiveOutcome(
        {key: found.verdicts[key] for key in ours & set(found.verdicts)},
        {key: news for key, news in found.news.items() if news["device"] != "flood"},
    )
    assert mine == expected, expected.differences(mine)


def _nonsense(device: str, dice: random.Random) -> Message:
    """Return a message as broken devices send them."""
    whole = json.dumps({"time": "2024-01-01T00:00:00Z", "c0": 20.0, "c1": 30.0}).encode()
    broken = [
        dice.randbytes(dice.randrange(1, 200)),
        whole[: dice.randrange(1, len(whole))],
        b'{"time": "2024-01-01T00:00:00Z", "c0": "warm", "c1": 30.0}',
        b"[" * 100_000,
        b"\xff\xfe" + whole,
        b'"' + b"x" * 100_000 + b'"',
    ]
    return Message(device, dice.choice(broken), 0)
