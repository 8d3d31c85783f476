"""One connection to a broker, in the words of paho-mqtt: logged in, subscribed, each answer within bounded time."""

from __future__ import annotations

import contextlib
import logging
import ssl
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import MissingExtraError
from tocsin.sources._mqtt_inbox import Publish
from tocsin.sources._mqtt_wanted import Wanted
from tocsin.sources._mqtt_wire import Encrypted, Wire

if TYPE_CHECKING:
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.properties import Properties
    from paho.mqtt.reasoncodes import ReasonCode

log = logging.getLogger(__name__)

PATIENCE_S = 5.0
"""How long each answer of the broker may take."""
LONGEST = 1 << 24
"""Bytes of a packet that MQTT 5 brokers are asked not to exceed."""
_ROUND, _ROUND_BYTES = 512, 1 << 20
_PING = b"\xc0\x00"
_BUSY = (0x88, 0x89)
_REFUSED = 0x80
_LOST, _BROKEN = "it closed the connection", "what it says is no MQTT"
_UNANSWERED = "it closes the connection, or does not answer; does that port speak MQTT, or TLS?"


class RefusedError(ConnectionError):
    """The broker, or who says to be it, turns us away: trying again will not help."""


class Line:
    """An open connection with a subscription; used by one thread.

    paho-mqtt reads and writes packets, and no thread of its own: whoever holds the line says when. Its keep-alive is
    not used either: it would ping too seldom to tell a broker that hangs from devices that are silent, and it gives up
    a connection whose answer lies behind messages for which we have no room yet.

    Parameters
    ----------
    wanted
        Where to connect to, as whom, and what to subscribe to.

    Attributes
    ----------
    session
        Whether the broker had kept our session.
    wire
        What to wait for: not blocking.

    Raises
    ------
    RefusedError
        If the broker turns us away, or is not who it says.
    OSError
        If there is nobody, for now.
    MissingExtraError
        If paho-mqtt is not installed.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted, self._found, self._bytes = wanted, list[Publish](), 0
        self._failure: ConnectionError | None = None
        self._welcome, self._subscribed, self.session = False, False, False
        self._client = _client(wanted)
        self._client.on_connect, self._client.on_subscribe = self._on_connect, self._on_subscribe
        self._client.on_message, self._client.on_disconnect = self._on_message, self._on_disconnect
        self.wire = self._connected()
        try:
            self._log_in()
        except BaseException:
            self.wire.close()
            raise

    @property
    def keepalive_s(self) -> int:
        """What was agreed upon."""
        return self._client.keepalive or 0xFFFF

    @property
    def waiting(self) -> bool:
        """Whether there is something to be read or taken without waiting for the broker."""
        return bool(self._found) or self.wire.waiting

    def read(self) -> None:
        """Read what is there, up to some hundred messages.

        Raises
        ------
        ConnectionError
            If the connection is gone; what came before can still be taken.
        """
        more = True
        while more and len(self._found) < _ROUND and self._bytes < _ROUND_BYTES:
            before = len(self._found)
            self._step()
            more = len(self._found) > before

    def taken(self) -> list[Publish]:
        """Return the messages that were read, once."""
        found, self._found, self._bytes = self._found, [], 0
        return found

    def acknowledge(self, numbers: Sequence[int]) -> None:
        """Acknowledge messages in this order."""
        for number in numbers:
            self._client.ack(number, 1)

    def post(self, topic: str, payload: bytes) -> None:
        """Publish a message at QoS 0; one whose topic cannot be is dropped."""
        with contextlib.suppress(ValueError):
            self._client.publish(topic, payload)

    def ping(self) -> None:
        """Have the broker answer: paho pings by its own clock only, and the wire has room between any two packets."""
        self.wire.send(_PING)

    def hang_up(self) -> None:
        """Say goodbye; the broker keeps the session."""
        self._client.disconnect()

    def _connected(self) -> Wire:
        wanted, client = self._wanted, self._client
        try:
            if wanted.version == "5":
                client.connect(
                    wanted.host, wanted.port, wanted.keepalive_s, clean_start=False, properties=_wishes(wanted)
                )
            else:
                client.connect(wanted.host, wanted.port, wanted.keepalive_s)
        except ssl.SSLCertVerificationError as error:
            raise RefusedError(f"its certificate is not to be trusted: {error.verify_message}") from None
        except ssl.SSLError as error:
            raise RefusedError(f"it speaks no TLS that we understand: {error.reason or error}") from None
        raw: Any = client.socket()
        if raw is None:
            raise ConnectionError("it closed the connection")
        client._sock = wire = Wire(raw)  # paho offers no other place to put one
        return wire

    def _log_in(self) -> None:
        """Log in and subscribe; where the broker kept messages for us, its answer may lie behind them all."""
        until = time.monotonic() + 2 * PATIENCE_S
        self.wire.settimeout(PATIENCE_S)
        self._wait_for(lambda: self._welcome, until)
        _subscribe(self._client, self._wanted)
        self._wait_for(lambda: self._subscribed or bool(self._found), until)
        self.wire.setblocking(False)

    def _wait_for(self, answered: Callable[[], bool], until: float) -> None:
        self.wire.flush()
        while not answered():
            if time.monotonic() > until:
                raise TimeoutError("it does not answer")
            self._step()

    def _step(self) -> None:
        """Have paho read a packet, or as much of one as there is."""
        code = self._client.loop_read()
        if self._failure is not None:
            raise self._failure
        if code:
            lost = _BROKEN if code.name == "MQTT_ERR_PROTOCOL" else _LOST
            raise ConnectionError(lost if self._welcome else _UNANSWERED)

    def _on_connect(self, _client: Client, _user: Any, flags: Any, reason: ReasonCode, said: Any) -> None:
        self._welcome, self.session = not reason.is_failure, flags.session_present
        if reason.is_failure:
            why = getattr(said, "ReasonString", "") or str(reason).lower()
            self._failure = (ConnectionError if reason.value in _BUSY else RefusedError)(why)

    def _on_subscribe(self, _client: Client, _user: Any, _number: int, codes: Any, _said: Any) -> None:
        self._subscribed, granted = True, codes[0].value
        if granted >= _REFUSED:
            self._failure = RefusedError(f"it does not let us subscribe to {self._wanted.filter}")
        elif granted < self._wanted.qos:
            log.error("%s grants QoS %d only: readings may be lost", self._wanted.host, granted)

    def _on_message(self, _client: Client, _user: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "\ufffd"
        self._found.append(Publish(topic, bytes(message.payload), message.mid, message.dup, message.retain))
        self._bytes += len(message.payload)

    def _on_disconnect(self, _client: Client, _user: Any, flags: Any, reason: ReasonCode, _said: Any) -> None:
        if flags.is_disconnect_packet_from_server:
            self._failure = ConnectionError(f"it says goodbye: {str(reason).lower()}")


def _client(wanted: Wanted) -> Client:
    try:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
    except ImportError as error:
        raise MissingExtraError("The source mqtt", extra="stream", library="paho-mqtt") from error
    new = wanted.version == "5"
    client = Client(
        CallbackAPIVersion.VERSION2,
        wanted.client,
        clean_session=None if new else False,
        protocol=MQTTProtocolVersion.MQTTv5 if new else MQTTProtocolVersion.MQTTv311,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = PATIENCE_S
    if wanted.user:
        client.username_pw_set(wanted.user, wanted.password or None)
    if wanted.tls is not None:
        wanted.tls.sslsocket_class = Encrypted
        client.tls_set_context(wanted.tls)
    return client


def _wishes(wanted: Wanted) -> Properties:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
    wishes.SessionExpiryInterval = min(wanted.session_s, 0xFFFFFFFF)
    wishes.ReceiveMaximum = wanted.inflight
    wishes.MaximumPacketSize = LONGEST
    return wishes


def _subscribe(client: Client, wanted: Wanted) -> None:
    from paho.mqtt.subscribeoptions import SubscribeOptions

    if wanted.version == "3.1.1":
        client.subscribe(wanted.filter, wanted.qos)
        return
    old = SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE if wanted.retained else SubscribeOptions.RETAIN_DO_NOT_SEND
    client.subscribe(wanted.filter, options=SubscribeOptions(wanted.qos, retainHandling=old))
