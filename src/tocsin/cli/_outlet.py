"""What simulated readings are published through: a broker of either kind, never overrun."""

from __future__ import annotations

from abc import ABC, abstractmethod

from tocsin.core.errors import SettingError

EXAMPLES = "mqtt://localhost:1883/plant/{device}/env or kafka://localhost:9092/readings"


class Outlet(ABC):
    """A broker to publish to. At most a bounded number of messages is under way."""

    topic: str
    """Where messages go; ``{device}`` stands for the device's name."""

    @abstractmethod
    def open(self) -> None:
        """Connect.

        Raises
        ------
        InputError
            If there is no broker, or it does not let us in.
        """

    @abstractmethod
    def send(self, topic: str, key: str, payload: str) -> None:
        """Publish a message; waits while too many are under way."""

    @abstractmethod
    def close(self) -> int:
        """Wait a bounded time for what is under way, and disconnect; return how many messages were never confirmed."""


def outlet(url: str, *, qos: int) -> Outlet:
    """Return the outlet written as ``url``; nothing is opened yet.

    Parameters
    ----------
    url
        "mqtt://host:port/topic", the same with "mqtts", or "kafka://host:port/topic"; ``{device}`` in the topic is the
        device's name.
    qos
        Of MQTT: 1 to be told that the broker has each message, 0 not to ask.

    Raises
    ------
    SettingError
        If it is none of them.
    MissingExtraError
        If the library for it is not installed.
    """
    kind, _, rest = url.partition(":")
    if kind in ("mqtt", "mqtts"):
        from tocsin.cli._outlet_mqtt import MqttOutlet

        return MqttOutlet(rest, qos=qos, tls=kind == "mqtts")
    if kind == "kafka":
        from tocsin.cli._outlet_kafka import KafkaOutlet

        return KafkaOutlet(rest)
    raise SettingError(f"--publish {url} is no broker.", remedy=f"For example: {EXAMPLES}")


def checked_topic(topic: str) -> str:
    """Return a topic with no other place to fill in than ``{device}``.

    Raises
    ------
    SettingError
        If it is empty or holds another.
    """
    bare = topic.replace("{device}", "")
    if not topic or "{" in bare or "}" in bare or set("+#") & set(topic):
        raise SettingError(f"--publish has the topic {topic!r}, which none can publish to.", remedy=f"As in {EXAMPLES}")
    return topic
