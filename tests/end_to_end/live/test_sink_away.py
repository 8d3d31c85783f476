"""A sink that is away does not stop the watch, and is told what it missed when it is back, in order, each once."""

from __future__ import annotations

import time

import pytest
from tests.end_to_end.live.conftest import MakeRun, assert_told_once, in_parts

from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_receiver import Receiver


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        ("away", 0.0),
        *(pytest.param(how, 30.0, marks=pytest.mark.slow) for how in ("away", "refusing")),
    ],
)
def test_what_a_sink_missed_is_delivered(
    how: str, seconds: float, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    run = make_run()
    watch = run.watch("--sink", receiver.url).ready()
    early, late = in_parts(fleet.messages(), 2)
    run.publish(early)
    run.until(lambda: bool(receiver.news), "some news at the receiver")
    if how == "away":
        receiver.away()
    receiver.refusing = how == "refusing"
    run.publish(late)
    run.until_stored(len(expected.verdicts))
    run.until(lambda: watch.meter("tocsin_sink_failures_total") > 0, "a failure is counted")
    assert len(receiver.news) < len(expected.news)
    time.sleep(seconds)
    receiver.refusing = False
    if how == "away":
        receiver.open()
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)
    assert set(receiver.times.values()) == {1}, "nothing died, so nothing came twice"
