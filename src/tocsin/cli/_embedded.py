"""An MQTT broker inside this process, for the demo: nothing to install, nothing left behind."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    from amqtt.broker import Broker  # type: ignore[import-untyped]  # it ships none

HOST = "127.0.0.1"
_PATIENCE_S = 10.0


@contextmanager
def embedded_broker() -> Iterator[str]:
    """Run a broker that only this machine reaches; yield its address as ``127.0.0.1:port``.

    It speaks MQTT 3.1.1. It is good for a demo of some hundred messages a second, and for nothing that matters.

    Raises
    ------
    MissingExtraError
        If amqtt is not installed.
    InputError
        If it does not start.
    """
    try:
        from amqtt.broker import Broker
    except ImportError:
        raise MissingExtraError("The embedded broker", extra="demo", library="amqtt") from None
    for name in ("amqtt", "transitions"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    address = f"{HOST}:{_free_port()}"
    running = _Running(Broker, address)
    running.start()
    try:
        yield address
    finally:
        running.end()


class _Running(threading.Thread):
    """The broker's event loop, in a thread of its own."""

    def __init__(self, kind: type[Broker], address: str) -> None:
        super().__init__(name="embedded broker", daemon=True)
        self._kind, self._address = kind, address
        self._up, self._failure = threading.Event(), ""
        self._loop = asyncio.new_event_loop()
        self._end = asyncio.Event()

    def start(self) -> None:
        """Start, and wait until it listens."""
        super().start()
        if not self._up.wait(_PATIENCE_S) or self._failure:
            raise InputError(
                f"The embedded broker does not start: {self._failure or 'it takes too long'}.",
                remedy="Use one of your own: tocsin simulate --publish, tocsin watch.",
            )

    def end(self) -> None:
        """Shut down, and wait for it."""
        self._loop.call_soon_threadsafe(self._end.set)
        self.join(_PATIENCE_S)

    def run(self) -> None:
        """Run until :meth:`end`."""
        try:
            self._loop.run_until_complete(self._work())
        except Exception as error:  # told by start; after that nobody is left to tell
            self._failure = str(error) or type(error).__name__
            self._up.set()
        finally:
            self._loop.run_until_complete(self._tidy())
            self._loop.close()

    @staticmethod
    async def _tidy() -> None:
        """End what the broker leaves running, so that its connections are closed."""
        left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)

    async def _work(self) -> None:
        broker = self._kind(_settings(self._address), loop=self._loop)
        await broker.start()
        self._up.set()
        await self._end.wait()
        await broker.shutdown()


def _settings(address: str) -> dict[str, Any]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": address, "max_connections": 20}},
        "timeout_disconnect_delay": 2,
        "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    }


def _free_port() -> int:
    with socket.socket() as some:
        some.bind((HOST, 0))
        return int(some.getsockname()[1])
