"""A web server for tests: it remembers what is posted to it, and answers, refuses or hangs as it is told."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

from tocsin.testing._server import HOST, free_port


@dataclass(frozen=True)
class Posted:
    """What was posted.

    Parameters
    ----------
    path
        Where to, with the query; behind a proxy, the whole address.
    headers
        By their names in small letters.
    body
        The bytes.
    """

    path: str
    headers: Mapping[str, str]
    body: bytes


class WebServer:
    """Takes posts on a free port of the loopback.

    Parameters
    ----------
    certificate
        A file in PEM with a certificate and its key, for https; None for http.

    Examples
    --------
    >>> import urllib.request
    >>> with WebServer() as server:
    ...     _ = urllib.request.urlopen(f"{server.url}/hook?a=1", b"{}").read()
    ...     server.posted[0].path, server.posted[0].body
    ('/hook?a=1', b'{}')
    """

    def __init__(self, *, certificate: Path | None = None) -> None:
        self.port = free_port()
        self.posted: list[Posted] = []
        self.connections = 0
        self.answer: Callable[[Posted], int] = lambda _: 200
        """Says with which status to answer; 0: hang until closed, 1: send a byte now and then for ever."""
        self._certificate = certificate
        self._ending = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """``http://host:port``, or https."""
        return f"http{'s' if self._certificate else ''}://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.away()

    def open(self) -> None:
        """Be there, on the same port as before."""
        self._ending = threading.Event()  # connections of before outlive the socket that took them
        self._server = _Quiet((HOST, self.port), _handler(self, self._ending))
        if self._certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def away(self) -> None:
        """Be gone: connections are refused, and those that are open end."""
        self._ending.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of those that hang up: tests want them to."""


def _handler(server: WebServer, ending: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def do_POST(self) -> None:  # the library calls it so
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if ending.is_set():
                self.close_connection = True
                return
            posted = Posted(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            status = server.answer(posted)
            if status >= 200:
                server.posted.append(posted)
                self.send_response(status)
                self.send_header("Content-Length", "4")
                self.end_headers()
                self.wfile.write(b"told")
                return
            self.close_connection = True
            while not ending.wait(0.1 if status else 30):
                self.wfile.write(b"H")

        def log_message(self, *_: object) -> None:
            """Say nothing: tests read its memory."""

    return Handler
