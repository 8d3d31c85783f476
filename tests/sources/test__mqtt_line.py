from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.sources._mqtt_inbox import Publish
from tocsin.sources._mqtt_line import Line
from tocsin.sources._mqtt_wanted import Wanted

OLD = b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x01"
NEW = b"\x20\x03\x01\x00\x00", b"\x90\x04\x00\x01\x00\x01"
MESSAGE = b"\x32\x07\x00\x01a\x00\x05!!"


@contextmanager
def connected(said: bytes, *, version: Literal["5", "3.1.1"] = "3.1.1") -> Iterator[tuple[Line, list[bytes]]]:
    """A line to a broker that greets, grants, says something and listens; and what it has heard in the end."""
    greeting, grant = NEW if version == "5" else OLD
    heard: list[bytes] = []

    def serve() -> None:
        line, _ = server.accept()
        with line:
            heard.append(line.recv(4_096))
            line.sendall(greeting)
            heard.append(line.recv(4_096))
            line.sendall(grant + said)
            line.shutdown(socket.SHUT_WR)
            while part := line.recv(4_096):
                heard.append(part)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        line = Line(Wanted("127.0.0.1", server.getsockname()[1], "a/b", "me", version=version, inflight=10))
        try:
            yield line, heard
        finally:
            line.wire.close()
            thread.join()


def all_of(line: Line) -> list[Publish]:
    """Read to the end of the connection."""
    found = list[Publish]()
    line.wire.settimeout(60)
    while True:
        try:
            line.read()
        except ConnectionError:
            return found + line.taken()
        found += line.taken()


def test_logins_and_subscriptions_as_the_standard_writes_them() -> None:
    """MQTT 3.1.1, 3.1 and 3.8; MQTT 5, 3.1.2.11 and 3.8.3.1: the session is kept, old messages are not sent."""
    with connected(b"") as (line, heard):
        assert (line.session, line.keepalive_s) == (False, 30)
    assert heard[:2] == [b"\x10\x0e\x00\x04MQTT\x04\x00\x00\x1e\x00\x02me", b"\x82\x08\x00\x01\x00\x03a/b\x01"]
    with connected(b"", version="5") as (line, heard):
        assert line.session
    head, wishes = heard[0][:12], heard[0][13:-4]
    assert head == b"\x10\x1c\x00\x04MQTT\x05\x00\x00\x1e"
    for wish in (b"\x11" + struct.pack("!I", 7 * 86_400), b"\x21\x00\x0a", b"\x27\x01\x00\x00\x00"):
        assert wish in wishes
    assert heard[1] == b"\x82\x09\x00\x01\x00\x00\x03a/b\x21"


def test_the_socket_of_paho_is_the_wire() -> None:
    """paho offers no official place for it; this shows where a later paho takes it away."""
    with connected(b"") as (line, _):
        assert line._client.socket() is line.wire


def test_messages_acknowledgements_and_pings() -> None:
    with connected(MESSAGE + b"\x3b\x07\x00\x01a\x00\x06??" + b"\xd0\x00") as (line, heard):
        assert all_of(line) == [
            Publish("a", b"!!", 5, again=False, retained=False),
            Publish("a", b"??", 6, again=True, retained=True),
        ]
        assert not line.wire.unsent
    with connected(MESSAGE) as (line, heard):
        line.acknowledge([5, 6])
        line.ping()
        line.hang_up()
    assert b"".join(heard[2:]) == b"\x40\x02\x00\x05\x40\x02\x00\x06\xc0\x00\xe0\x00"


def test_posts_whose_topic_cannot_be_are_dropped() -> None:
    with connected(b"") as (line, heard):
        line.post("a/+", b"?")
        line.post("a", b"!")
    assert heard[2:] == [b"\x30\x04\x00\x01a!"]


def test_what_came_before_a_goodbye_counts() -> None:
    with connected(b"\x32\x08\x00\x01a\x00\x05\x00!!" + b"\xe0\x02\x8e\x00", version="5") as (line, _):
        assert [message.payload for message in all_of(line)] == [b"!!"]
        with pytest.raises(ConnectionError, match="says goodbye: session taken over"):
            line.read()


def test_a_topic_that_is_no_text_is_some_topic() -> None:
    with connected(b"\x30\x04\x00\x01\xff!") as (line, _):
        assert [(message.topic, message.payload) for message in all_of(line)] == [("\ufffd", b"!")]


def test_a_round_ends_before_memory_does() -> None:
    with connected(MESSAGE * 2_000) as (line, _):
        line.wire.settimeout(60)
        line.read()
        assert 0 < len(line.taken()) < 600
        assert line.waiting


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["5", "3.1.1"]),
    st.one_of(st.binary(max_size=40), st.binary(max_size=40).map(lambda body: b"\x32" + bytes([len(body)]) + body)),
)
def test_garbage_is_messages_or_the_end(version: Literal["5", "3.1.1"], garbage: bytes) -> None:
    with connected(garbage, version=version) as (line, _):
        all_of(line)
