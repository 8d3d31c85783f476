from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tocsin.sources._mqtt_wire import Wire


@pytest.fixture
def ends() -> Iterator[tuple[Wire, socket.socket]]:
    """A wire, and the other side's socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname())
        theirs, _ = server.accept()
    wire = Wire(ours)
    yield wire, theirs
    wire.close()
    theirs.close()


def test_bytes_come_as_asked_for_and_once(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    theirs.sendall(b"abcdef")
    heard_before = wire.heard_at
    assert (wire.recv(1), wire.recv(2), wire.waiting) == (b"a", b"bc", True)
    assert wire.heard_at > heard_before
    heard = wire.heard_at
    assert (wire.recv(99), wire.waiting, wire.heard_at) == (b"def", False, heard)
    theirs.close()
    assert wire.recv(1) == b""


def test_nothing_there_is_told_as_the_system_does(ends: tuple[Wire, socket.socket]) -> None:
    ends[0].setblocking(False)
    with pytest.raises(BlockingIOError):
        ends[0].recv(1)


def test_packets_are_taken_whole_and_leave_together(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    assert (wire.send(b"ab"), wire.send(bytearray(b"cde")), wire.unsent) == (2, 3, True)
    wire.flush()
    assert (theirs.recv(99), wire.unsent) == (b"abcde", False)


def test_what_the_system_does_not_take_now_is_kept(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    wire.setblocking(False)
    whole = bytes(range(256)) * (1 << 16)
    wire.send(whole)
    wire.flush()
    assert wire.unsent
    found = bytearray()
    while wire.unsent:
        found += theirs.recv(1 << 20)
        wire.flush()
    wire.close()
    while part := theirs.recv(1 << 20):
        found += part
    assert bytes(found) == whole


def test_a_close_sends_what_is_left(ends: tuple[Wire, socket.socket]) -> None:
    wire, theirs = ends
    wire.send(b"goodbye")
    wire.close()
    wire.close()
    assert theirs.recv(99) == b"goodbye"
    assert theirs.recv(99) == b""
