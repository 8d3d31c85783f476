"""A receiver of incidents over HTTP that remembers whatever reached it, and that can be away or refuse."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from tocsin.testing._server import HOST, free_port


class Receiver:
    """What a webhook posts to. News is told apart by ``(id, revision)``, as a real receiver would.

    Examples
    --------
    >>> with Receiver() as receiver:
    ...     receiver.url.startswith("webhook:http://127.0.0.1:"), receiver.news
    (True, {})
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.refusing = False
        self._lock = threading.Lock()
        self._news: dict[tuple[str, int], dict[str, Any]] = {}
        self._times: Counter[tuple[str, int]] = Counter()
        self.changed: list[tuple[str, int]] = []
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """The sink, as the command line takes it."""
        return f"webhook:http://{HOST}:{self.port}/incidents"

    @property
    def news(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Documents that came, by id and revision."""
        with self._lock:
            return dict(self._news)

    @property
    def times(self) -> dict[tuple[str, int], int]:
        """How often each came."""
        with self._lock:
            return dict(self._times)

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self.away()

    def open(self) -> None:
        """Be there, on the same port as before."""
        server = ThreadingHTTPServer((HOST, self.port), _handler(self))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self._server = server

    def away(self) -> None:
        """Be gone: connections are refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, documents: Iterable[dict[str, Any]]) -> None:
        """Remember what came; what comes again must be the same as before, else it is listed in ``changed``."""
        with self._lock:
            for document in documents:
                key = (document["id"], document["revision"])
                self._times[key] += 1
                if self._news.setdefault(key, document) != document:
                    self.changed.append(key)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:  # the library calls it so
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver._server is not self.server:
                # a connection that is kept alive outlives the socket that took it: who is away answers nothing
                self.close_connection = True
                return
            if not receiver.refusing:
                found = json.loads(body)
                receiver.take(found if isinstance(found, list) else [found])
            self.send_response(503 if receiver.refusing else 204)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing: tests read its memory."""

    return Handler
