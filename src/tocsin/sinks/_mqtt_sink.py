"""What the sinks mqtt and mqtts share: retained states of devices, and Home Assistant, which finds them by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.sinks import _homeassistant
from tocsin.sinks._bodies import Form, written
from tocsin.sinks.wire.publisher import Login, Message, Publisher
from tocsin.sinks.wire.unreachable import UnreachableError

_PORTS = {False: 1883, True: 8883}

_FORBIDDEN = re.compile(r"[%+#{}\x00-\x1f\x7f-\x9f]")
"""Signs that mean something in topics or may not be there at all (MQTT 5, 1.5.4 and 4.7.1), and that write them."""


@dataclass(frozen=True)
class _Settings:
    qos: Literal[0, 1] = 1
    retain: bool = True
    version: Literal["3.1.1", "5"] = "5"
    format: Form = "json"
    discovery: Literal["", "homeassistant"] = ""
    prefix: str = "homeassistant"
    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False
    timeout_s: float = 10.0


class MqttSink(Sink):
    """The latest news of each device as a retained message, also for Home Assistant.

    A device has one topic for anomalies and one for silence, ``alarms/<device>/anomaly`` and ``alarms/<device>/stale``;
    whoever subscribes is told at once how things stand. A topic may also be written out, with ``{device}``, ``{what}``,
    ``{duty}`` and ``{id}``; with ``{id}`` each incident has its own, and what is retained of it goes when it is over.

    With ``discovery=homeassistant`` each device appears there by itself, with two sensors of the class "problem".

    With QoS 1 what the broker acknowledged counts as delivered, with QoS 0 what was sent.

    Parameters
    ----------
    publisher
        Publishes.
    topic
        Where, with ``{device}`` and the like.
    retain
        Should the broker keep the latest news for those that subscribe later?
    form
        "json" or "cloudevents".
    prefix
        Where Home Assistant looks for sensors; "" where none are announced.
    """

    secure: ClassVar[bool] = False
    """Whether it speaks TLS."""

    def __init__(
        self, publisher: Publisher, topic: str, *, retain: bool = True, form: Form = "json", prefix: str = ""
    ) -> None:
        self._publisher = publisher
        self._topic = topic
        self._retain = retain
        self._form: Form = form
        self._prefix = prefix
        self._announced: set[str] = set()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the sink written as ``text``: ``//user:password@host:1883/topic``.

        ``qos=1``, ``retain=on``, ``version=5``, ``format=cloudevents``, ``discovery=homeassistant`` with
        ``prefix=homeassistant``, ``timeout=10s``; with TLS ``ca=FILE``, ``cert=FILE``, ``key=FILE``, ``insecure``.
        """
        example = f"{'mqtts' if cls.secure else 'mqtt'}://localhost/alarms?discovery=homeassistant"
        address = Address.parse(text, port=_PORTS[cls.secure], example=example)
        settings = address.settings(_Settings)
        files = (settings.ca, settings.cert, settings.key)
        if any(files) and not cls.secure:
            raise SettingError("ca, cert and key are for TLS.", remedy="Write mqtts:// instead of mqtt://.")
        tls = files if cls.secure else None
        login = Login(address.host, address.port, address.user, address.password, tls, settings.insecure)
        publisher = Publisher(login, qos=settings.qos, version=settings.version, timeout_s=settings.timeout_s)
        prefix = settings.prefix.strip("/") if settings.discovery else ""
        return cls(
            publisher, _topic(address.path, example), retain=settings.retain, form=settings.format, prefix=prefix
        )

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Publish notices, in order, and wait until the broker has them."""
        try:
            if self._publisher.renew():
                self._announced.clear()
            several = [self._messages(notice) for notice in notices]
            reasons = self._publisher.publish([message for messages in several for message in messages])
        except UnreachableError as error:
            return [Failure(notice, str(error)) for notice in notices]
        why = iter(reasons)
        told = [(notice, [next(why) for _ in messages]) for notice, messages in zip(notices, several, strict=True)]
        return [Failure(notice, next(filter(None, own))) for notice, own in told if any(own)]

    def close(self) -> None:
        """Say goodbye to the broker."""
        self._publisher.close()

    def _messages(self, notice: Notice) -> list[Message]:
        topic, body = topic_of(self._topic, notice), written(notice, self._form)
        own = "{id}" in self._topic
        told = [Message(topic, body, retain=self._retain and (notice.open or not own))]
        if own and self._retain and not notice.open:
            told.append(Message(topic, b"", retain=True))  # an empty message makes the broker forget
        return [*self._announcement(notice, topic), *told]

    def _announcement(self, notice: Notice, topic: str) -> list[Message]:
        """Return what makes Home Assistant know a device, once in a connection."""
        if not self._prefix or topic in self._announced:
            return []
        self._announced.add(topic)
        place, body = _homeassistant.sensor(notice, topic, self._form)
        return [Message(f"{self._prefix}/{place}", body, retain=True)]


def topic_of(template: str, notice: Notice) -> str:
    """Return a notice's topic; what a device's name may not bring into one is written as ``%23``.

    >>> one = Notice("1f", 0, "open", "stale", "", "hall/pump #1", 0, 0, 0, 0, True, 3.0, 2.0, "major")
    >>> topic_of("alarms/{device}/{what}", one)
    'alarms/hall/pump %231/stale'
    """
    filled = {name: getattr(notice, name) for name in ("device", "what", "duty", "id")}
    for name, value in filled.items():
        template = template.replace(f"{{{name}}}", _level(value) or "-")
    return template


def _level(name: str) -> str:
    name = name.encode("utf-8", "replace").decode()
    return _FORBIDDEN.sub(lambda sign: f"%{ord(sign[0]):02X}", name)


def _topic(path: str, example: str) -> str:
    """Return where to publish, written out."""
    path = path.strip("/")
    if not path or "+" in path or "#" in path:
        raise SettingError("The topic is missing, or has wildcards.", remedy=f"Write an address such as {example}")
    return path if "{device}" in path or "{id}" in path else f"{path}/{{device}}/{{what}}"
