"""Devices as a broker sees them: messages published in order, each only once the broker has said that it has it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Self

from tocsin.core.arrivals import Message
from tocsin.core.errors import TocsinError


class MqttPublisher:
    """Publishes to an MQTT broker; what it was given while the broker was away goes out when it is back.

    Parameters
    ----------
    host, port
        Where the broker is.
    topic
        With ``{device}`` for the device's name.
    qos
        0 or 1.
    """

    def __init__(self, host: str, port: int, *, topic: str, qos: int = 1) -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self._topic, self._qos = topic, qos
        self._given, self._taken = 0, 0
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(200)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_publish = self._count
        self._client.connect(host, port, keepalive=600)
        self._client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over; they are on their way, in order."""
        for message in messages:
            self._client.publish(self._topic.format(device=message.topic), message.payload, qos=self._qos)
            self._given += 1

    def flush(self, *, patience_s: float = 120.0) -> None:
        """Wait until the broker has taken all; of QoS 0, until all are written."""
        until = time.monotonic() + patience_s
        while self._taken < self._given:
            if time.monotonic() > until:
                missing = self._given - self._taken
                raise TocsinError(f"The broker has not taken {missing} messages within {patience_s:g} s.")
            time.sleep(0.005)

    def _count(self, *_: object) -> None:
        self._taken += 1


class KafkaPublisher:
    """Produces to a Kafka-compatible broker, the device's name as the key.

    Parameters
    ----------
    address
        ``host:port``.
    topic
        Where to.
    """

    def __init__(self, address: str, *, topic: str) -> None:
        from confluent_kafka import Producer

        self._topic = topic
        settings = {"bootstrap.servers": address, "linger.ms": 5, "queue.buffering.max.messages": 5_000_000}
        self._producer = Producer({**settings, "log_level": 0, "message.timeout.ms": 300_000})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()

    def publish(self, messages: Iterable[Message]) -> None:
        """Hand messages over; they are on their way, those of a device in order."""
        for message in messages:
            self._producer.produce(self._topic, message.payload, key=message.topic)

    def flush(self, *, patience_s: float = 120.0) -> None:
        """Wait until the broker has taken all."""
        if left := self._producer.flush(patience_s):
            raise TocsinError(f"The broker has not taken {left} messages within {patience_s:g} s.")
