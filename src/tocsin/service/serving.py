"""Listening: the service on a socket of its own, in a thread, until somebody ends it."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.core.errors import InputError, MissingExtraError
from tocsin.service.places import check_place, split_url_host

if TYPE_CHECKING:
    from fastapi import FastAPI
    from uvicorn import Server

    from tocsin.service.desk import Desk
    from tocsin.service.settings import Limits, ServiceSettings

_GRACE_S = 3
"""Requests that go on when the service ends are given so long; a live stream never ends by itself."""

_LAST_S = 5.0
"""So long the end is waited for; what goes on then ends with the program."""

_START_S = 30.0

_SPARE = 256
"""Connections beyond those that requests and live streams may take: they are told so, not left to wait."""


@dataclass(frozen=True)
class Running:
    """A service that listens.

    Parameters
    ----------
    url
        Where, as in "http://127.0.0.1:8420".
    app
        The application.
    thread
        What it runs in.
    """

    url: str
    app: FastAPI
    thread: threading.Thread

    @property
    def alive(self) -> bool:
        """Whether it still listens."""
        return self.thread.is_alive()

    @property
    def desk(self) -> Desk:
        """What its routes share."""
        found: Desk = self.app.state.desk
        return found


@contextmanager
def running(settings: ServiceSettings) -> Iterator[Running]:
    """Have a service listen for as long as the block lasts; it ends within five seconds, live streams or not.

    Parameters
    ----------
    settings
        What it is told; port 0 takes a free one.

    Raises
    ------
    InputError
        If it cannot listen there.
    SettingError
        If others could reach it and nobody needs a token.
    MissingExtraError
        If fastapi or uvicorn is not installed.
    """
    app = _made(settings)
    check_place(settings.host, app.state.desk.tokens)
    listener = _listener(settings.host, settings.port)
    server = _server(app, settings.limits)
    thread = threading.Thread(target=_run, args=(server, listener, app), name="tocsin-service", daemon=True)
    thread.start()
    try:
        _await_start(server, thread)
        yield Running(_url(settings.host, listener.getsockname()[1]), app, thread)
    finally:
        server.should_exit = True
        thread.join(_LAST_S)


def _made(settings: ServiceSettings) -> FastAPI:
    try:
        import uvicorn  # noqa: F401  # asked for here, so that the sentence comes before anything is begun

        from tocsin.service.app import make_app
    except ImportError as error:
        raise MissingExtraError("The service", extra="serve", library=error.name or "fastapi") from None
    return make_app(settings, listening=True)


def _listener(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno and error.errno > 0 else str(error)
        raise InputError(
            f"The service cannot listen at {_url(host, port).removeprefix('http://')}: {why}.",
            remedy="Choose another with --port (0 takes a free one), or stop what listens there.",
        ) from None
    # connections inherit it; without it an answer in two pieces waits 40 ms for the other side to confirm the first
    found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def _server(app: FastAPI, limits: Limits) -> Server:
    from uvicorn import Config, Server

    from tocsin.service.patience import PatientProtocol

    config = Config(
        app,
        http=PatientProtocol,
        limit_concurrency=limits.requests + limits.viewers + _SPARE,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return Server(config)


def _run(server: Server, listener: socket.socket, app: FastAPI) -> None:
    async def listen() -> None:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        while not (server.should_exit or serving.done()):
            await asyncio.sleep(0.05)
        app.state.desk.leave()
        await serving

    with suppress(SystemExit), listener:
        asyncio.run(listen())


def _await_start(server: Server, thread: threading.Thread) -> None:
    for _ in range(int(_START_S / 0.01)):
        if server.started:
            return
        if not thread.is_alive():
            break
        thread.join(0.01)
    raise InputError("The service did not start.", remedy="Its log tells why.")


def _url(host: str, port: int) -> str:
    return f"http://{split_url_host(host)}:{port}"
