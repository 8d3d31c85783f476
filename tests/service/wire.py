"""How tests of the service speak to it over a real socket."""

from __future__ import annotations

import socket
import time

import httpx2

from tocsin.service.serving import Running
from tocsin.service.settings import Limits

QUICK = Limits(
    body_bytes=1 << 20, json_bytes=1 << 16, slowest_s=0.4, slowest_bytes_per_s=1e5, requests_per_s=1e5, requests=8
)
"""Limits that a test reaches within a moment."""


def connected(service: Running) -> socket.socket:
    host, port = service.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def rest(wire: socket.socket) -> str:
    """Read until the service closes the connection."""
    told = b""
    try:
        while piece := wire.recv(1 << 16):
            told += piece
    except ConnectionResetError:
        pass
    return told.decode("latin-1")


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


def until_answers(client: httpx2.Client, status: int) -> httpx2.Response:
    until = time.monotonic() + 10
    while (answer := client.get("/v1/me")).status_code != status and time.monotonic() < until:
        time.sleep(0.02)
    assert answer.status_code == status
    return answer
