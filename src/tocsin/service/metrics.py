"""The page that Prometheus scrapes and that Kubernetes asks: /metrics, /healthz and /readyz, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tocsin.core.errors import InputError, SettingError
from tocsin.engine.live.meters import Meters
from tocsin.service.exposition import CONTENT_TYPE, exposition

Health = Callable[[], str]
"""Returns what is wrong, in a sentence; "" where nothing is."""

_LONGEST_WAIT_S = 5.0


class MetricsServer:
    """Serves metrics and health on one port, from a thread of its own.

    Parameters
    ----------
    meters
        What is counted.
    alive
        What is wrong with the watch itself: it should be started anew.
    ready
        What it waits for: a broker, the store.
    address
        ``host:port``; port 0 takes a free one. Nothing here is secret, but nothing is guarded either: keep it on an
        address that only those who should see it can reach.

    Examples
    --------
    >>> server = MetricsServer(Meters(), alive=lambda: "", ready=lambda: "", address="127.0.0.1:0")
    >>> server.start(); server.address.startswith("127.0.0.1:"); server.stop()
    True
    """

    def __init__(self, meters: Meters, *, alive: Health, ready: Health, address: str) -> None:
        self._pages: dict[str, Callable[[], str | bytes]] = {
            "/metrics": lambda: exposition(meters),
            "/healthz": alive,
            "/readyz": ready,
        }
        self._host, self._port = _split(address)
        self._server: ThreadingHTTPServer | None = None

    @property
    def address(self) -> str:
        """Where it listens, as ``host:port``."""
        host, port = (self._host, self._port) if self._server is None else self._server.server_address[:2]
        return f"{host!s}:{port}"

    def start(self) -> None:
        """Listen.

        Raises
        ------
        InputError
            If the address cannot be listened at.
        MissingExtraError
            If prometheus-client is not installed.
        """
        self._pages["/metrics"]()
        try:
            self._server = _Server((self._host, self._port), _handler(self._pages))
        except OSError as error:
            raise InputError(
                f"Metrics cannot be served at {self.address}: {error.strerror}.",
                remedy="Choose another address with --metrics, or stop what listens there.",
            ) from None
        threading.Thread(target=self._server.serve_forever, args=(0.1,), name="tocsin-metrics", daemon=True).start()

    def stop(self) -> None:
        """Stop listening. May be called more than once."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(pages: dict[str, Callable[[], str | bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_WAIT_S

        def do_GET(self) -> None:  # the standard library's name
            page = pages.get(self.path.partition("?")[0])
            if page is None:
                self._answer(404, f"There is {', '.join(pages)}.\n".encode(), "text/plain; charset=utf-8")
                return
            found = page()
            if isinstance(found, bytes):
                self._answer(200, found, CONTENT_TYPE)
            else:
                self._answer(503 if found else 200, f"{found or 'ok'}\n".encode(), "text/plain; charset=utf-8")

        def _answer(self, code: int, body: bytes, kind: str) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: a scrape every few seconds is no news."""

    return Handler


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65_535:
        raise SettingError(f"{address!r} is no address to listen at.", remedy="For example: --metrics 127.0.0.1:9108")
    return host.strip("[]") or "127.0.0.1", int(port)
