"""A broker that restarts, or is away: nothing is lost, and no silence is told that was the broker's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest
from tests.end_to_end.live.conftest import MakeRun, assert_told_once, in_parts, silences

from tocsin.core.notices import rfc3339
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_plant import KafkaPlant, LivePlant, MqttPlant
from tocsin.testing.live_receiver import Receiver
from tocsin.testing.servers import KafkaBroker, MissingServerError, Mosquitto, Server

T = TypeVar("T", bound=Server)


@contextmanager
def own(kind: Callable[[], T]) -> Iterator[T]:
    """A broker that may be mistreated."""
    try:
        server = kind()
    except MissingServerError as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.mark.parametrize("version", ["5", pytest.param("3.1.1", marks=pytest.mark.slow)])
def test_a_broker_that_restarts_costs_nothing(
    version: str, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    with own(Mosquitto) as broker:
        run = make_run(plant=MqttPlant(broker, version=version))
        run.watch("--sink", receiver.url).ready()
        with run.plant.publisher() as publisher:
            for part in in_parts(fleet.messages(), 3):
                publisher.publish(part)
                publisher.flush()
                broker.restart()
        found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


@pytest.mark.slow
def test_readings_that_wait_at_a_broker_that_was_gone_are_judged(
    make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome
) -> None:
    """The broker is gone for longer than a device may be silent: only what is silent in the end is told."""
    early, late = in_parts(fleet.messages(), 2)
    with own(Mosquitto) as broker:
        run = make_run(plant=MqttPlant(broker))
        run.watch("--stale-after", "15s").ready()
        run.publish(early)
        run.until_stored(len(early))
        broker.stop()
        time.sleep(30)
        broker.start()
        run.publish(late)
        found = run.finish(expected)
    assert expected.verdicts.items() <= found.verdicts.items()
    assert expected.news.items() <= found.news.items()
    last = rfc3339(int(fleet.times[-1]))
    assert {notice["start"] for notice in silences(found)} <= {last}


AWAY = [
    pytest.param("mqtt", 2.0),
    pytest.param("mqtt", 30.0, marks=pytest.mark.slow),
    pytest.param("kafka", 30.0, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("kind", "seconds"), AWAY)
def test_a_broker_that_hangs_costs_time_alone(
    kind: str, seconds: float, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome, receiver: Receiver
) -> None:
    with own(KafkaBroker if kind == "kafka" else Mosquitto) as broker:
        run = make_run(plant=_plant(broker))
        run.watch("--sink", receiver.url).ready()
        with run.plant.publisher() as publisher:
            early, meanwhile, late = in_parts(fleet.messages(), 3)
            publisher.publish(early)
            publisher.flush()
            broker.freeze()
            publisher.publish(meanwhile)
            time.sleep(seconds)
            broker.thaw()
            publisher.publish(late)
            publisher.flush()
        found = run.finish(expected, receiver)
    assert found == expected, expected.differences(found)
    assert_told_once(receiver, expected)


def _plant(broker: Server) -> LivePlant:
    return KafkaPlant(broker) if isinstance(broker, KafkaBroker) else MqttPlant(_mosquitto(broker))


def _mosquitto(broker: Server) -> Mosquitto:
    assert isinstance(broker, Mosquitto)
    return broker
