"""A simulated fleet is published whole and in order, with the time of day, at the pace that was asked for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.cli._outlet import Outlet
from tocsin.cli._publish import Pace, publish
from tocsin.testing.servers import HOST, KafkaBroker, Mosquitto, free_port
from tocsin.training.simulate.environment import Environment

Shell = Callable[..., tuple[int, str, str]]
Sent = list[tuple[str, str, Any, float]]

DEVICES, ROWS = 3, 150
PERIOD_S = 600.0


class Paper(Outlet):
    """An outlet that writes down what it is given, and when."""

    def __init__(self, topic: str = "plant/{device}/env") -> None:
        self.topic = topic
        self.sent: Sent = []

    def open(self) -> None:
        pass

    def send(self, topic: str, key: str, payload: str) -> None:
        self.sent.append((topic, key, json.loads(payload), time.time()))

    def close(self) -> int:
        return 0


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return Environment(rows=ROWS, devices=DEVICES, seed=5).table()


def readings(sent: Sent) -> dict[str, list[dict[str, Any]]]:
    """Return what each device sent, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    for _, key, payload, _ in sent:
        found.setdefault(key, []).extend(payload if isinstance(payload, list) else [payload])
    return found


def seconds(times: list[str]) -> list[float]:
    return [float(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64)) / 1e9 for text in times]


@given(arrays=st.integers(1, 70))
@settings(max_examples=8, deadline=None)
def test_all_readings_of_each_device_in_order_without_the_truth(table: pl.DataFrame, arrays: int) -> None:
    out = Paper()
    done = publish(table, out, Pace(0, arrays), stop=threading.Event())
    assert (done.readings, done.messages) == (DEVICES * ROWS, DEVICES * -(-ROWS // arrays))
    for device, found in readings(out.sent).items():
        own = table.filter(pl.col("device") == device)
        assert [one["temperature"] for one in found] == own["temperature"].to_list()
        assert set(found[0]) == {"time", "temperature", "humidity", "light", "loudness", "air_quality"}
        times = seconds([one["time"] for one in found])
        assert np.diff(times) == pytest.approx(PERIOD_S, abs=2e-3)
        assert times[-1] == pytest.approx(time.time(), abs=60)
    assert {topic for topic, *_ in out.sent} == {f"plant/room-{k}/env" for k in (1, 2, 3)}


def test_a_topic_for_all_has_the_device_in_the_reading(table: pl.DataFrame) -> None:
    out = Paper("plant")
    publish(table, out, Pace(0), stop=threading.Event())
    assert all(payload["device"] == key for _, key, payload, _ in out.sent)


def test_each_is_sent_at_its_time(table: pl.DataFrame) -> None:
    out, speed = Paper(), 12_000.0
    began = time.time()
    done = publish(table, out, Pace(speed, lasting_s=0.8), stop=threading.Event())
    period = PERIOD_S / speed
    assert 0 < done.readings <= DEVICES * (0.8 / period + 1)
    found = readings(out.sent)
    starts = sorted(seconds([own[0]["time"]])[0] - began for own in found.values())
    assert np.diff(starts) == pytest.approx(period / DEVICES, abs=3e-3)  # they take turns
    for _, _, payload, when in out.sent:
        assert when >= seconds([payload["time"]])[0] - 2e-3  # nobody knows the future


def test_it_ends_when_told(table: pl.DataFrame) -> None:
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    began = time.monotonic()
    done = publish(table, Paper(), Pace(1.0), stop=stop)
    assert done.readings == 1
    assert time.monotonic() - began < 30


@pytest.fixture
def heard(mosquitto: Mosquitto) -> Iterator[list[tuple[str, bytes]]]:
    """What is published under test-publish/, as it comes."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    found: list[tuple[str, bytes]] = []
    subscribed = threading.Event()
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _own, message: found.append((message.topic, bytes(message.payload)))
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect(HOST, mosquitto.port)
    client.loop_start()
    client.subscribe("test-publish/#", 1)
    assert subscribed.wait(30), "the broker does not take the subscription"
    yield found
    client.loop_stop()
    client.disconnect()


def test_over_mqtt(shell: Shell, mosquitto: Mosquitto, heard: list[tuple[str, bytes]]) -> None:
    url = f"{mosquitto.url}/test-publish/{{device}}"
    code, out, err = shell("simulate", "--rows", "144", "--devices", "4", "--publish", url, "--speed", "0")
    assert (code, err) == (0, "")
    assert out.startswith("576 readings of 4 devices, as fast as it goes → test-publish/{device}\n")
    assert "576 readings in 576 messages" in out
    until = time.monotonic() + 30
    while len(heard) < 576 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(heard) == 576
    assert {topic for topic, _ in heard} == {f"test-publish/room-{k}" for k in (1, 2, 3, 4)}


def test_over_kafka(shell: Shell, kafka: KafkaBroker) -> None:
    from confluent_kafka import Consumer, TopicPartition

    url = f"{kafka.url}/{kafka.create('test-publish')}"
    code, out, err = shell("simulate", "--rows", "144", "--devices", "2", "--publish", url, "--speed", "0")
    assert (code, err) == (0, ""), out
    consumer = Consumer({"bootstrap.servers": kafka.address, "group.id": "test"})
    consumer.assign([TopicPartition("test-publish", 0, 0)])
    found: list[tuple[bytes, bytes]] = []
    until = time.monotonic() + 30
    while len(found) < 288 and time.monotonic() < until:
        brought = [message for message in consumer.consume(300, 1.0) if not message.error()]
        found += [(message.key() or b"", message.value() or b"") for message in brought]
    consumer.close()
    assert {key for key, _ in found} == {b"room-1", b"room-2"}
    assert all(json.loads(value)["device"] == key.decode() for key, value in found)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--publish mqtt://localhost:{port}/plant", "No MQTT broker answers at localhost:{port}: Connection refused."),
        ("--publish amqp://localhost/plant", "--publish amqp://localhost/plant is no broker. For example: mqtt://"),
        ("--publish mqtt://localhost/plant/{{room}}", "the topic 'plant/{{room}}', which none can publish to"),
        ("--publish mqtt://localhost/plant/+", "the topic 'plant/+', which none can publish to"),
        ("--publish mqtt://localhost/plant --speed -1", "--speed is -1. Give 60 for"),
        ("--publish mqtt://localhost/plant --arrays 0", "--arrays is 0. Give 1 to"),
        ("--publish mqtt://localhost/plant --for ever", "--for is 'ever', which is no time."),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(line: str, told: str, shell: Shell) -> None:
    port = free_port()
    code, out, err = shell("simulate", *line.format(port=port).split())
    assert (code, out) == (2, "")
    assert told.format(port=port) in err
