"""What devices publish reaches whoever listens, in order, also where the broker was away meanwhile."""

from __future__ import annotations

import threading
import time

import pytest

from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_publish import KafkaPublisher, MqttPublisher
from tocsin.testing.servers import HOST, KafkaBroker, MissingServerError, Mosquitto

FLEET = LiveFleet(devices=3, readings=20)


def test_mqtt_keeps_the_order_and_waits_for_a_broker_that_is_away() -> None:
    try:
        broker = Mosquitto()
    except MissingServerError as missing:
        pytest.skip(str(missing))
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.enums import CallbackAPIVersion

    heard: list[tuple[str, bytes]] = []
    ready, done = threading.Event(), threading.Event()

    def hear(_client: Client, _own: object, message: MQTTMessage) -> None:
        heard.append((message.topic, bytes(message.payload)))
        if len(set(heard)) >= len(FLEET):
            done.set()

    with broker:
        listener = Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
        listener.on_message = hear
        listener.on_subscribe = lambda *_: ready.set()
        listener.reconnect_delay_set(1, 1)
        listener.connect(HOST, broker.port)
        listener.subscribe("plant/+/env", qos=1)
        listener.loop_start()
        assert ready.wait(60)
        with MqttPublisher(HOST, broker.port, topic="plant/{device}/env") as publisher:
            publisher.publish(FLEET.messages(range(30)))
            publisher.flush()
            broker.stop()
            publisher.publish(FLEET.messages(range(30, 60)))
            broker.start()
            publisher.flush()
        assert done.wait(60)
        listener.disconnect()
        listener.loop_stop()
    first = list(dict.fromkeys(heard))  # what was not acknowledged when the broker ended comes again, as QoS 1 says
    assert first == [(f"plant/{each.topic}/env", each.payload) for each in FLEET.messages()]


def test_kafka_keeps_the_order_of_a_device(kafka: KafkaBroker) -> None:
    from confluent_kafka import Consumer, TopicPartition

    topic = kafka.create("published", partitions=2)
    with KafkaPublisher(kafka.address, topic=topic) as publisher:
        publisher.publish(FLEET.messages())
    settings = {"bootstrap.servers": kafka.address, "group.id": "published"}
    consumer = Consumer({**settings, "log_level": 0})
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(2)])
    heard: dict[bytes | None, list[bytes | None]] = {}
    until = time.monotonic() + 60
    while sum(map(len, heard.values())) < len(FLEET):
        assert time.monotonic() < until, f"{heard} is all that came in a minute"
        for message in consumer.consume(len(FLEET), timeout=0.2):
            assert message.error() is None
            heard.setdefault(message.key(), []).append(message.value())
    consumer.close()
    for name in FLEET.names:
        assert heard[name.encode()] == [each.payload for each in FLEET.messages() if each.topic == name]
