"""``kill -9`` at any moment: started again, a watch goes on where it stood; nothing is lost, nothing rings twice."""

from __future__ import annotations

import random
import time

import pytest
from tests.end_to_end.live.conftest import MakeRun, assert_told_once, in_parts

from tocsin.core.shares import Share
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_receiver import Receiver

CASES = [
    pytest.param("mqtt", "sqlite", 3),
    pytest.param("mqtt", "sqlite", 20, marks=pytest.mark.slow),
    pytest.param("mqtt", "postgres", 20, marks=pytest.mark.slow),
    pytest.param("kafka", "sqlite", 20, marks=pytest.mark.slow),
    pytest.param("kafka", "postgres", 8, marks=pytest.mark.slow),  # a group takes ten seconds to forget its dead
]


@pytest.mark.parametrize(("broker", "store", "kills"), CASES)
def test_kills_at_random_moments_change_nothing(
    broker: str,
    store: str,
    kills: int,
    make_run: MakeRun,
    fleet: LiveFleet,
    expected: LiveOutcome,
    receiver: Receiver,
    dice: random.Random,
) -> None:
    run = make_run(broker, store)
    watch = run.watch("--sink", receiver.url).ready()
    with run.plant.publisher() as publisher:
        for part in in_parts(fleet.messages(), kills):
            publisher.publish(part)
            publisher.flush()
            time.sleep(dice.uniform(0.0, 0.3))
            watch.kill()
            watch.start()
            if dice.random() < 0.2:
                # a life too short to do anything is a life, too
                time.sleep(dice.uniform(0.0, 1.0))
            else:
                watch.ready()
    # before it is ready, SIGTERM ends it as it ends any process
    watch.ready()
    found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.slow
def test_a_worker_that_dies_holds_up_no_other(make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome) -> None:
    run = make_run()
    first, second = (run.watch(number=number, workers=2).ready() for number in range(2))
    early, late = in_parts(fleet.messages(), 2)
    run.publish(early)
    first.kill()
    run.publish(late)
    others = {name for name in fleet.names if Share(1, 2).holds(name)}
    theirs = {key for key in expected.verdicts if key[0] in others}
    run.until(lambda: theirs <= set(run.outcome().verdicts), "all verdicts of the other worker")
    assert second.running
    first.start()
    found = run.finish(expected)
    assert found == expected, expected.differences(found)
