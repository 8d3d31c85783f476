"""Publishing over MQTT with a bound on every wait, so that what is told as delivered has been acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.sinks.wire.unreachable import UnreachableError

if TYPE_CHECKING:
    from paho.mqtt.client import Client

_KEEPALIVE_S = 30
_NOBODY = 0x10
"""A broker has taken a message and dropped it, since nobody subscribes (MQTT 5, 3.4.2.1)."""


@dataclass(frozen=True)
class Message:
    """What is published."""

    topic: str
    body: bytes
    retain: bool


@dataclass(frozen=True)
class Login:
    """Where the broker is, and who we are.

    Parameters
    ----------
    host, port, user, password
        "" where there is none.
    tls
        Files of certificates to trust, of our own certificate, and of its key, each "" for none; None without TLS.
    insecure
        Is a broker believed whatever its certificate says?
    """

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: tuple[str, str, str] | None = None
    insecure: bool = False


class Publisher:
    """One connection to a broker, without a session: what a broker did not acknowledge is published anew by the caller.

    Parameters
    ----------
    login
        Where to connect.
    qos
        0 or 1.
    version
        Of MQTT.
    timeout_s
        So long connecting, and so long publishing may take in all.
    heard
        Has a message failed that the broker has nobody to keep for? Only a broker of MQTT 5 says so.
    """

    def __init__(
        self, login: Login, *, qos: int, version: Literal["3.1.1", "5"], timeout_s: float, heard: bool = False
    ) -> None:
        if timeout_s <= 0:
            raise SettingError("timeout is a time above 0.", remedy="For example: timeout=10s")
        self._login, self._qos, self._version, self._timeout_s = login, qos, version, timeout_s
        self._heard = heard
        self._client: Client | None = None
        self._new()  # what cannot work is told now
        self._news = threading.Condition()
        self._acknowledged: dict[int, str] = {}
        self._state: str | None = None

    def renew(self) -> bool:
        """Connect if there is no connection; tell whether there was none.

        Raises
        ------
        UnreachableError
            If the broker is not there, or does not let us in.
        """
        if self._client is not None and self._state == "":
            return False
        self.close()
        self._client, self._state = self._new(), None
        try:
            self._client.connect(self._login.host, self._login.port, _KEEPALIVE_S, **self._session())
        except (OSError, ValueError) as error:
            self.close()
            raise UnreachableError(f"{self._place} cannot be reached: {error}") from error
        self._client.loop_start()
        if why := self._welcome():
            self.close()
            raise UnreachableError(f"{self._place} {why}")
        return True

    def publish(self, messages: Sequence[Message]) -> list[str]:
        """Publish messages in order; return for each why it failed, "" where it did not.

        After a failure the connection is given up, so that nothing of it arrives later, behind what is newer.
        """
        assert self._client is not None
        self._acknowledged.clear()
        sent = [self._client.publish(m.topic, m.body, self._qos, m.retain).mid for m in messages]
        deadline = time.monotonic() + self._timeout_s
        with self._news:
            while not all(mid in self._acknowledged for mid in sent) and self._state == "":
                if not self._news.wait(max(0.0, deadline - time.monotonic())) and time.monotonic() >= deadline:
                    break
            missing = f"{self._place} {self._state or f'did not acknowledge within {self._timeout_s:g} s'}"
            reasons = [self._acknowledged.get(mid, missing) for mid in sent]
        if any(reasons):
            self.close()
        return reasons

    def close(self) -> None:
        """Say goodbye."""
        client, self._client = self._client, None
        if client is not None:
            client.disconnect()
            client.loop_stop()

    @property
    def _place(self) -> str:
        return f"the broker at {self._login.host}:{self._login.port}"

    def _welcome(self) -> str:
        """Wait for the broker's answer; return why we are not let in, "" if we are."""
        with self._news:
            self._news.wait_for(lambda: self._state is not None, self._timeout_s)
            return f"did not answer within {self._timeout_s:g} s" if self._state is None else self._state

    def _new(self) -> Client:
        try:
            from paho.mqtt.client import Client
            from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
        except ImportError as error:
            raise MissingExtraError("The sink mqtt", extra="stream", library="paho-mqtt") from error
        protocol = MQTTProtocolVersion.MQTTv5 if self._version == "5" else MQTTProtocolVersion.MQTTv311
        client = Client(CallbackAPIVersion.VERSION2, protocol=protocol, reconnect_on_failure=False)
        client.connect_timeout = self._timeout_s
        if self._login.user:
            client.username_pw_set(self._login.user, self._login.password or None)
        if self._login.tls is not None:
            _encrypt(client, self._login.tls, insecure=self._login.insecure)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    def _session(self) -> dict[str, Any]:
        return {"clean_start": True} if self._version == "5" else {}

    def _on_connect(self, client: Any, _user: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self._tell(client, f"does not let us in: {code}" if code.is_failure else "")

    def _on_disconnect(self, client: Any, _user: Any, _flags: Any, code: Any, _properties: Any) -> None:
        self._tell(client, self._state or f"ended the connection: {code}")

    def _on_publish(self, client: Any, _user: Any, mid: int, code: Any, _properties: Any) -> None:
        with self._news:
            if client is self._client:
                unheard = self._heard and code.value == _NOBODY
                why = "has nobody to keep it for" if unheard else f"refuses it: {code}"
                self._acknowledged[mid] = f"{self._place} {why}" if code.is_failure or unheard else ""
                self._news.notify_all()

    def _tell(self, client: Any, state: str) -> None:
        with self._news:
            if client is self._client:
                self._state = state
                self._news.notify_all()


def _encrypt(client: Client, files: tuple[str, str, str], *, insecure: bool) -> None:
    ca, cert, key = (name or None for name in files)
    try:
        client.tls_set(ca_certs=ca, certfile=cert, keyfile=key)
    except (OSError, ValueError) as error:
        raise SettingError(f"The certificates cannot be read: {error}.", remedy="Name files in PEM.") from None
    if insecure:
        client.tls_insecure_set(True)
