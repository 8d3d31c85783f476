"""Getting through to a broker: connection, TLS, login and subscription, each within bounded time."""

from __future__ import annotations

import socket
import ssl
import time
from dataclasses import dataclass, field

from tocsin.sources._mqtt_answers import granted, greeting, parting
from tocsin.sources._mqtt_packets import CONNACK, DISCONNECT, SUBACK, Login, Publish, connect, needed, split, subscribe

PATIENCE_S = 5.0
"""How long each answer of the broker may take."""
_RECEIVE = 1 << 18
_BUFFER = 1 << 20


class RefusedError(ConnectionError):
    """The broker, or who says to be it, turns us away: trying again will not help."""


@dataclass(frozen=True)
class Wanted:
    """Where to connect to, as whom, and what to subscribe to."""

    host: str
    port: int
    login: Login
    filter: str
    qos: int
    tls: ssl.SSLContext | None = None
    retained: bool = False


@dataclass
class Line:
    """An open connection with a subscription.

    Parameters
    ----------
    socket
        Not blocking.
    session
        Whether the broker had kept our session.
    qos
        What the subscription was granted.
    keepalive_s
        What was agreed upon.
    messages
        What came before the subscription was answered: what the broker kept for us.
    pieces
        The beginning of the next packet, as it came.
    needed
        How many bytes that packet has.
    """

    socket: socket.socket
    session: bool
    qos: int
    keepalive_s: int
    messages: list[Publish]
    pieces: list[bytes] = field(default_factory=list)
    needed: int = 0

    def hold(self, rest: bytes) -> None:
        """Keep the beginning of a packet until the rest of it comes."""
        self.pieces, self.needed = [rest] if rest else [], needed(rest)


def dial(wanted: Wanted) -> Line:
    """Connect, log in and subscribe.

    Raises
    ------
    RefusedError
        If the broker turns us away, or is not who it says.
    OSError
        If there is nobody, for now.
    """
    opened = socket.create_connection((wanted.host, wanted.port), timeout=PATIENCE_S)
    try:
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        opened = _encrypted(opened, wanted)
        line = _log_in(opened, wanted)
    except BaseException:
        opened.close()
        raise
    line.socket.setblocking(False)
    return line


def _encrypted(raw: socket.socket, wanted: Wanted) -> socket.socket:
    if wanted.tls is None:
        return raw
    try:
        return wanted.tls.wrap_socket(raw, server_hostname=wanted.host)
    except ssl.SSLCertVerificationError as error:
        raise RefusedError(f"its certificate is not to be trusted: {error.verify_message}") from None
    except ssl.SSLError as error:
        raise RefusedError(f"it speaks no TLS that we understand: {error.reason or error}") from None


def _log_in(line: socket.socket, wanted: Wanted) -> Line:
    login, answers = wanted.login, _Answers(line, wanted.login.version)
    line.sendall(connect(login))
    said = greeting(answers.wait_for(CONNACK), version=login.version)
    if said.code:
        raise (ConnectionError if said.code in (3, 0x88, 0x89) else RefusedError)(said.reason)
    line.sendall(subscribe(wanted.filter, qos=wanted.qos, retained=wanted.retained, version=login.version))
    qos = granted(answers.wait_for(SUBACK), version=login.version)
    if qos >= 0x80:
        raise RefusedError(f"it does not let us subscribe to {wanted.filter}")
    keepalive = login.keepalive_s if said.keepalive_s is None else said.keepalive_s or 0xFFFF
    opened = Line(line, said.session, qos, keepalive, answers.messages)
    opened.hold(answers.rest)
    return opened


class _Answers:
    """Reads until the answer that is due comes; messages that come first are kept."""

    def __init__(self, line: socket.socket, version: int) -> None:
        self._line, self._version = line, version
        self._due_at = time.monotonic() + 2 * PATIENCE_S
        self._others: list[tuple[int, bytes]] = []
        self.messages: list[Publish] = []
        self.rest = b""

    def wait_for(self, kind: int) -> bytes:
        while True:
            for place, (found, body) in enumerate(self._others):
                if found == DISCONNECT:
                    raise ConnectionError(parting(body))
                if found == kind:
                    del self._others[: place + 1]
                    return body
            self._receive()

    def _receive(self) -> None:
        if time.monotonic() > self._due_at:
            raise TimeoutError("it does not answer")
        received = self._line.recv(_RECEIVE)
        if not received:
            raise ConnectionError("it closed the connection before it answered; does that port speak MQTT, or TLS?")
        messages, others, upto = split(self.rest + received, version=self._version)
        self.messages += messages
        self._others += others
        self.rest = (self.rest + received)[upto:]
