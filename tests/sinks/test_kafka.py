from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tocsin.core.errors import SettingError
from tocsin.sinks.kafka import Kafka
from tocsin.testing.servers import HOST, KafkaBroker, free_port
from tocsin.testing.sink_checks import story

if TYPE_CHECKING:
    from confluent_kafka import Message

Make = Callable[[str], Kafka]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes sinks, and closes them at the end."""
    with ExitStack() as stack:

        def make(text: str) -> Kafka:
            sink = Kafka.parse(text)
            stack.callback(sink.close)
            return sink

        yield make


def consumed(broker: KafkaBroker, topic: str, count: int) -> list[Message]:
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": broker.address, "group.id": topic})
    found: list[Message] = []
    try:
        partitions = consumer.list_topics(topic, timeout=30).topics[topic].partitions
        consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
        end = time.monotonic() + 60
        while len(found) < count and time.monotonic() < end:
            found += [message for message in consumer.consume(count, 0.1) if not message.error()]
    finally:
        consumer.close()
    return found


def test_messages_have_the_device_as_their_key_and_stay_in_order(made: Make, kafka: KafkaBroker) -> None:
    topic = kafka.create(f"alarms-{time.time_ns()}", partitions=3)
    news = [one for number in range(9) for one in story(f"{number}", device=f"pump-{number}")]
    assert not made(f"//{kafka.address}/{topic}").send(news)
    found = consumed(kafka, topic, len(news))
    assert len(found) == len(news)
    for number in range(9):
        own = [message for message in found if message.key() == f"pump-{number}".encode()]
        assert len({message.partition() for message in own}) == 1
        ordered = sorted(own, key=lambda message: message.offset() or 0)
        assert [json.loads(message.value() or b"") for message in ordered] == [
            notice.document() for notice in story(f"{number}", device=f"pump-{number}")
        ]


def test_headers_tell_what_it_is(made: Make, kafka: KafkaBroker) -> None:
    topic = kafka.create(f"alarms-{time.time_ns()}")
    assert not made(f"//{kafka.address}/{topic}?format=cloudevents").send(story("a")[:1])
    (message,) = consumed(kafka, topic, 1)
    assert dict(message.headers() or ()) == {
        "content-type": b"application/cloudevents+json",
        "incident": b"a",
        "revision": b"0",
    }
    assert json.loads(message.value() or b"")["type"] == "org.tocsin.incident.opened"


def test_what_is_too_large_can_never_be_delivered_and_the_rest_is(made: Make, kafka: KafkaBroker) -> None:
    topic = kafka.create(f"alarms-{time.time_ns()}")
    huge = story("huge", device="x" * 2_000_000)[0]
    (failure,) = made(f"//{kafka.address}/{topic}").send([story("a")[0], huge, story("b")[0]])
    assert (failure.notice.id, failure.final) == ("huge", True)
    assert [json.loads(message.value() or b"")["id"] for message in consumed(kafka, topic, 2)] == ["a", "b"]


def test_nobody_there_is_a_failure_in_bounded_time(made: Make) -> None:
    sink = made(f"//{HOST}:{free_port()}/alarms?timeout=1s")
    begin = time.monotonic()
    failures = sink.send(story("a"))
    assert time.monotonic() - begin < 30
    assert [failure.final for failure in failures] == [False] * 3
    assert all(failure.reason for failure in failures)


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("//h/t", {"bootstrap.servers": "h:9092", "security.protocol": "PLAINTEXT"}),
        ("//h1:1,h2/t?security=tls&ca=/a", {"bootstrap.servers": "h1:1,h2:9092", "ssl.ca.location": "/a"}),
        (
            "//ann:pw@h/t?security=sasl_tls",
            {"security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "ann"},
        ),
        ("//h/t?security=sasl&mechanism=PLAIN&user=u&password=p", {"sasl.mechanism": "PLAIN", "sasl.password": "p"}),
    ],
)
def test_addresses_become_settings_of_the_library(text: str, settings: dict[str, str]) -> None:
    assert settings.items() <= Kafka.parse(text)._settings.items()


@pytest.mark.parametrize("text", ["//ann:pw@h/t", "//h/t?security=sasl", "//h/t?security=none", "//h/a%2Fb"])
def test_what_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(SettingError) as refused:
        Kafka.parse(text)
    assert refused.value.remedy
