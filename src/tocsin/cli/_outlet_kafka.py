"""Publishing to Kafka: key = device, so that all readings of a device stay in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.cli._outlet import EXAMPLES, Outlet, checked_topic
from tocsin.core.addresses import Address
from tocsin.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from confluent_kafka import Producer

UNDER_WAY = 20_000
_PATIENCE_S = 10.0


class KafkaOutlet(Outlet):
    """Publishes to a Kafka topic.

    Parameters
    ----------
    rest
        All that stands behind "kafka:".
    """

    def __init__(self, rest: str) -> None:
        self._address = Address.parse(rest, port=9092, example=EXAMPLES)
        self.topic = checked_topic(self._address.path)
        self._producer: Producer | None = None
        self._failure = ""

    def open(self) -> None:
        """Connect, and see that a broker answers."""
        try:
            from confluent_kafka import KafkaException, Producer
        except ImportError:
            raise MissingExtraError("Publishing to Kafka", extra="stream", library="confluent-kafka") from None
        hosts = ",".join(f"{host}:{port}" for host, port in self._address.hosts)
        settings = {
            "bootstrap.servers": hosts,
            "queue.buffering.max.messages": UNDER_WAY,
            "linger.ms": 5,
            "message.timeout.ms": round(3_000 * _PATIENCE_S),
            "log_level": 0,
        }
        self._producer = Producer(settings)
        try:
            self._producer.list_topics(timeout=_PATIENCE_S)
        except KafkaException as error:
            raise InputError(
                f"No Kafka broker answers at {hosts}: {error.args[0].str()}.", remedy="Start one, or check the address."
            ) from None

    def send(self, topic: str, key: str, payload: str) -> None:
        """Publish a message under its device's name."""
        assert self._producer is not None, "it is open"
        while True:
            try:
                self._producer.produce(topic, payload, key, on_delivery=self._delivered)
                break
            except BufferError:
                self._producer.poll(0.1)
        self._producer.poll(0)
        if self._failure:
            raise InputError(
                f"Kafka did not take a message: {self._failure}.", remedy="Check the topic and its rights."
            )

    def close(self) -> int:
        """Wait for what is under way."""
        return 0 if self._producer is None else self._producer.flush(_PATIENCE_S)

    def _delivered(self, error: Any, message: Any) -> None:
        del message
        if error is not None:
            self._failure = error.str()
