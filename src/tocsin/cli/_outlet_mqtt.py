"""Publishing to an MQTT broker: one connection, a bounded number of messages under way."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tocsin.cli._outlet import EXAMPLES, Outlet, checked_topic
from tocsin.core.addresses import Address
from tocsin.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from paho.mqtt.client import Client

UNDER_WAY = 500
"""Messages that the broker has not confirmed, at most."""

_PATIENCE_S = 10.0


class MqttOutlet(Outlet):
    """Publishes to an MQTT broker.

    Parameters
    ----------
    rest
        All that stands behind "mqtt:".
    qos
        0 or 1.
    tls
        Is the connection encrypted?
    """

    def __init__(self, rest: str, *, qos: int, tls: bool = False) -> None:
        self._address = Address.parse(rest, port=8883 if tls else 1883, example=EXAMPLES)
        self._tls = tls
        self.topic = checked_topic(self._address.path)
        self._qos = qos
        self._free = threading.BoundedSemaphore(UNDER_WAY)
        self._refused = ""
        self._answered = threading.Event()
        self._client: Client | None = None

    def open(self) -> None:
        """Connect, and wait for the broker's answer."""
        self._client = self._made()
        place = f"{self._address.host}:{self._address.port}"
        try:
            self._client.connect(self._address.host, self._address.port, keepalive=30)
        except OSError as error:
            raise InputError(
                f"No MQTT broker answers at {place}: {error.strerror or error}.",
                remedy="Start one (mosquitto -p 1883), or check the address.",
            ) from None
        self._client.loop_start()
        if not self._answered.wait(_PATIENCE_S) or self._refused:
            self._client.loop_stop()
            raise InputError(
                f"The broker at {place} does not let us in: {self._refused or 'it does not answer'}.",
                remedy="Check user and password: mqtt://user:password@host/topic",
            )

    def send(self, topic: str, key: str, payload: str) -> None:
        """Publish a message; of MQTT, the key is nothing."""
        del key
        assert self._client is not None, "it is open"
        self._take_turn()
        self._client.publish(topic, payload, qos=self._qos)

    def close(self) -> int:
        """Wait for what is under way, and disconnect."""
        if self._client is None:
            return 0
        until = time.monotonic() + _PATIENCE_S
        confirmed = 0
        while confirmed < UNDER_WAY and self._free.acquire(timeout=max(until - time.monotonic(), 0)):
            confirmed += 1
        self._client.disconnect()
        with suppress(AttributeError):  # its thread ends by itself now, and paho minds where that was quicker
            self._client.loop_stop()
        return UNDER_WAY - confirmed

    def _take_turn(self) -> None:
        if not self._free.acquire(timeout=3 * _PATIENCE_S):
            raise InputError(
                "The broker has confirmed nothing for half a minute.", remedy="See whether it runs, and has room."
            )

    def _made(self) -> Client:
        try:
            from paho.mqtt.client import Client, MQTTv311
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise MissingExtraError("Publishing over MQTT", extra="stream", library="paho-mqtt") from None
        client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTv311)
        if self._tls:
            client.tls_set()
        client.max_inflight_messages_set(UNDER_WAY)
        client.reconnect_delay_set(max_delay=4)
        if self._address.user:
            client.username_pw_set(self._address.user, self._address.password or None)
        client.on_connect = self._connected
        client.on_publish = self._published
        return client

    def _connected(self, client: Any, own: Any, flags: Any, reason: Any, properties: Any) -> None:
        del client, own, flags, properties
        self._refused = str(reason) if reason.is_failure else ""
        self._answered.set()

    def _published(self, client: Any, own: Any, number: int, reason: Any, properties: Any) -> None:
        del client, own, number, reason, properties
        self._free.release()
