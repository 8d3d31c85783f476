"""A line to the centre's broker that comes back by itself, for what is said now and then: health, sketches, pushes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.errors import InputError, MissingExtraError, SettingError

if TYPE_CHECKING:
    from paho.mqtt.client import Client

Heard = Callable[[str, bytes], None]
"""Told a topic and what came there; must not wait."""

_KEEPALIVE_S = 20
_RETRY_S = (1, 30)
_WELCOME_S = 10.0


class Link:
    """A connection to a broker with MQTT 5; where it breaks, it is made again.

    Parameters
    ----------
    place
        The broker.
    topics
        What is listened to.
    heard
        Told what comes there.
    will
        Topic and message that the broker publishes, retained, when the connection breaks; None for nothing.

    Raises
    ------
    MissingExtraError
        If the library ``paho-mqtt`` is not installed.
    SettingError
        If certificates cannot be read.
    """

    def __init__(
        self,
        place: UplinkPlace,
        *,
        topics: Sequence[str] = (),
        heard: Heard | None = None,
        will: tuple[str, bytes] | None = None,
    ) -> None:
        self._place, self._topics, self._heard = place, list(topics), heard
        self._client = _client(place)
        self._news = threading.Condition()
        self._state: str | None = None
        self._made = 0
        if will is not None:
            self._client.will_set(will[0], will[1], qos=1, retain=True)
        self._client.on_connect, self._client.on_disconnect = self._on_connect, self._on_disconnect
        self._client.on_connect_fail = lambda *_: self._tell("cannot be reached")
        self._client.on_message = self._on_message

    @property
    def made(self) -> int:
        """How many times a connection was made; with each, the broker may have published the will of the one before."""
        return self._made

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._state == ""

    def start(self) -> None:
        """Connect, and go on trying where that fails."""
        self._client.connect_async(self._place.address.host, self._place.address.port, _KEEPALIVE_S, clean_start=True)
        self._client.loop_start()

    def expect(self) -> None:
        """Wait until there is a connection.

        Raises
        ------
        InputError
            If there is none after ten seconds, or the broker does not let us in.
        """
        with self._news:
            self._news.wait_for(lambda: self._state is not None, _WELCOME_S)
        if self._state != "":
            place = f"{self._place.address.host}:{self._place.address.port}"
            raise InputError(
                f"The broker at {place} {self._state or 'cannot be reached'}.",
                remedy="Check the address and the login.",
            )

    def publish(self, topic: str, message: bytes) -> bool:
        """Publish a message, retained, if there is a connection; tell whether there was one."""
        return self.connected and self._client.publish(topic, message, qos=1, retain=True).rc == 0

    def deliver(self, messages: Sequence[tuple[str, bytes]], *, patience_s: float = 30.0) -> list[str]:
        """Publish messages, retained, and wait until the broker has them.

        Returns
        -------
        list of str
            For each message what went wrong, "" where nothing did.
        """
        sent = [self._client.publish(topic, message, qos=1, retain=True) for topic, message in messages]
        deadline = time.monotonic() + patience_s
        return [self._delivered(one, deadline) for one in sent]

    def stop(self) -> None:
        """Say goodbye; what was published before is on its way."""
        self._client.disconnect()
        self._client.loop_stop()

    @staticmethod
    def _delivered(sent: Any, deadline: float) -> str:
        try:
            sent.wait_for_publish(max(0.0, deadline - time.monotonic()))
        except (ValueError, RuntimeError) as error:
            return str(error)
        return "" if sent.is_published() else "The broker did not acknowledge it in time."

    def _on_connect(self, client: Any, _user: Any, _flags: Any, code: Any, _properties: Any) -> None:
        if not code.is_failure:
            self._made += 1
            for topic in self._topics:
                client.subscribe(topic, qos=1)
        self._tell(f"does not let us in: {code}" if code.is_failure else "")

    def _on_disconnect(self, _client: Any, _user: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self._tell(f"ended the connection: {code}")

    def _on_message(self, _client: Any, _user: Any, message: Any) -> None:
        if self._heard is not None:
            self._heard(message.topic, bytes(message.payload))

    def _tell(self, state: str) -> None:
        with self._news:
            self._state = state
            self._news.notify_all()


def _client(place: UplinkPlace) -> Client:
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
    except ImportError as error:
        raise MissingExtraError("The line to a centre", extra="stream", library="paho-mqtt") from error
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.reconnect_delay_set(*_RETRY_S)
    if place.address.user:
        client.username_pw_set(place.address.user, place.address.password or None)
    if place.tls is not None:
        ca, cert, key = (name or None for name in place.tls[:3])
        try:
            client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
        except (OSError, ValueError) as error:
            raise SettingError(f"The certificates cannot be read: {error}.", remedy="Name files in PEM.") from None
        if place.tls[3]:
            client.tls_insecure_set(True)
    return client
