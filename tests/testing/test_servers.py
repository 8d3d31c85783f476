"""Servers for tests are what their tests take them for: away when killed, silent when frozen, the same when back."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.core.errors import TocsinError
from tocsin.testing._server import binary
from tocsin.testing.servers import (
    Alertmanager,
    KafkaBroker,
    MissingServerError,
    Mosquitto,
    Postgres,
    Server,
    free_port,
    listens,
)

KINDS: tuple[Callable[[], Server], ...] = (Mosquitto, KafkaBroker, Alertmanager)


def made(kind: Callable[[], Server]) -> Server:
    try:
        return kind()
    except MissingServerError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_is_on_its_port_from_start_to_kill_and_again(kind: Callable[[], Server]) -> None:
    with made(kind) as server:
        port = server.port
        assert server.running
        assert listens(port)
        server.kill()
        assert not listens(port)
        server.start()
        assert server.port == port
        assert listens(port)
        server.stop()
        assert not server.running
        assert not listens(port)
    assert not server.folder.exists()


def test_what_postgres_was_told_outlives_its_death() -> None:
    server = made(Postgres)
    assert isinstance(server, Postgres)
    with server:
        own, other = server.fresh(), server.fresh()
        server.run("CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)", url=own)
        server.kill()
        assert not listens(server.port)
        server.start()
        assert server.run("SELECT number FROM kept", url=own) == "7"
        assert server.run("SELECT to_regclass('kept') IS NULL", url=other) == "t"


def test_a_frozen_server_keeps_connections_and_answers_nothing() -> None:
    with made(Alertmanager) as server, socket.create_connection(("127.0.0.1", server.port)) as caller:
        caller.settimeout(0.3)
        server.freeze()
        assert server._child is not None
        _await_state(server._child.pid, "T")
        caller.sendall(b"GET /-/ready HTTP/1.0\r\n\r\n")
        with pytest.raises(TimeoutError):
            caller.recv(1)
        server.thaw()
        caller.settimeout(30)
        assert caller.recv(4) == b"HTTP"


def test_freezing_reaches_the_processes_of_open_connections() -> None:
    psycopg = pytest.importorskip("psycopg")
    server = made(Postgres)
    with server, psycopg.connect(server.url) as connection:
        (backend,) = connection.execute("SELECT pg_backend_pid()").fetchone()
        server.freeze()
        _await_state(backend, "T")
        server.thaw()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_passwords_and_tls_are_asked_for() -> None:
    with Mosquitto(users={"plant": "secret"}, tls=True) if _has("mosquitto") else made(Mosquitto) as server:
        assert isinstance(server, Mosquitto)
        assert server.url.startswith("mqtts://")
        trusted = ssl.create_default_context(cafile=str(server.certificate))
        for password, answer in ((b"wrong", b"\x20\x02\x00\x05"), (b"secret", b"\x20\x02\x00\x00")):
            plain = socket.create_connection(("127.0.0.1", server.port))
            with trusted.wrap_socket(plain, server_hostname="127.0.0.1") as caller:
                caller.sendall(_mqtt_hello(user=b"plant", password=password))
                assert caller.recv(4) == answer


def test_a_server_that_cannot_start_says_why() -> None:
    server = made(Mosquitto)
    with socket.socket() as rival:
        rival.bind(("127.0.0.1", server.port))
        rival.listen()
        with pytest.raises(TocsinError, match="Address already in use"):
            _with_no_answer(server)
    server.close()


def test_a_program_that_is_not_here_is_told_with_its_package() -> None:
    with pytest.raises(MissingServerError, match="On Debian: apt-get install the-package"):
        binary("no-such-program-at-all", package="the-package")


def test_ports_are_below_those_of_clients() -> None:
    handed_out = Path("/proc/sys/net/ipv4/ip_local_port_range")
    if not handed_out.exists():
        pytest.skip("the system does not tell which ports it hands out")
    assert max(free_port() for _ in range(20)) < int(handed_out.read_text().split()[0])


def _with_no_answer(server: Server) -> None:
    server.answers = lambda: False  # type: ignore[method-assign]  # its port answers, but by the rival's voice
    with server:
        pass


def _await_state(process: int, wanted: str) -> None:
    until = time.monotonic() + 20
    while Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != wanted:
        assert time.monotonic() < until, f"process {process} is not in state {wanted}"
        os.sched_yield()


def _mqtt_hello(*, user: bytes, password: bytes) -> bytes:
    """A CONNECT of MQTT 3.1.1 with a user, a password and a clean session."""

    def text(word: bytes) -> bytes:
        return len(word).to_bytes(2, "big") + word

    body = text(b"MQTT") + b"\x04\xc2\x00\x3c" + text(b"probe") + text(user) + text(password)
    return b"\x10" + bytes([len(body)]) + body


def _has(name: str) -> bool:
    try:
        return bool(binary(name, package=name))
    except MissingServerError:
        return False
