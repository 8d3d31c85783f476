"""A plant's wire for tests: the same fleet over MQTT or Kafka, so that a test need not know which."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from typing import Protocol, Self

from tocsin.core.arrivals import Message
from tocsin.testing._server import HOST, Server
from tocsin.testing._server_kafka import KafkaBroker
from tocsin.testing._server_mosquitto import Mosquitto
from tocsin.testing.live_publish import KafkaPublisher, MqttPublisher


class Publisher(Protocol):
    """Whoever publishes messages in order."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    def publish(self, messages: list[Message]) -> None:
        """Hand messages over."""

    def flush(self, *, patience_s: float = 120.0) -> None:
        """Wait until the broker has taken all."""


class LivePlant(ABC):
    """A topic of a broker, of which nobody else knows.

    Parameters
    ----------
    broker
        A server that runs.
    """

    def __init__(self, broker: Server) -> None:
        self.broker = broker
        self.topic = f"plant-{uuid.uuid4().hex[:8]}"

    @abstractmethod
    def source(self) -> str:
        """Return the source, as the command line takes it."""

    @abstractmethod
    def worker(self, number: int, workers: int) -> tuple[str, ...]:
        """Return what makes a watch one of several."""

    @abstractmethod
    def publisher(self) -> Publisher:
        """Return who publishes to the topic."""


class MqttPlant(LivePlant):
    """Over MQTT, in a session that outlives the watch.

    Parameters
    ----------
    broker
        A Mosquitto that runs.
    qos
        0 or 1.
    version
        "5" or "3.1.1".
    """

    def __init__(self, broker: Mosquitto, *, qos: int = 1, version: str = "5") -> None:
        super().__init__(broker)
        self._qos, self._version = qos, version

    def source(self) -> str:
        """``mqtt://…/{device}/env``; a client id of its own comes of the topic and the worker."""
        settings = f"qos={self._qos}&version={self._version}"
        return f"{self.broker.url}/{self.topic}/{{device}}/env?{settings}"

    def worker(self, number: int, workers: int) -> tuple[str, ...]:
        """Devices are split by their names' hash."""
        return ("--workers", str(workers), "--worker", str(number))

    def publisher(self) -> Publisher:
        """One topic a device."""
        return MqttPublisher(HOST, self.broker.port, topic=f"{self.topic}/{{device}}/env", qos=self._qos)


class KafkaPlant(LivePlant):
    """Over a Kafka-compatible broker, in a consumer group of its own.

    Parameters
    ----------
    broker
        One that runs.
    partitions
        Of the topic.
    """

    def __init__(self, broker: KafkaBroker, *, partitions: int = 3) -> None:
        super().__init__(broker)
        self._address = broker.address
        broker.create(self.topic, partitions=partitions)

    def source(self) -> str:
        """``kafka://…``, with the shortest session, since the broker of tests lets a group wait for half of it."""
        return f"{self.broker.url}/{self.topic}?group={self.topic}&session=6s"

    def worker(self, number: int, workers: int) -> tuple[str, ...]:  # noqa: ARG002  # the group shares by itself
        """Nothing is said: partitions are handed out by the broker."""
        return ()

    def publisher(self) -> Publisher:
        """The device is the message's key."""
        return KafkaPublisher(self._address, topic=self.topic)
