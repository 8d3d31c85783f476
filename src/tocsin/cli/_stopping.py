"""Ending in good order: what is asked to stop by Ctrl-C or by the system finishes what it holds first."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

Handler = Callable[[int, FrameType | None], None]


@contextmanager
def stopping(*, reload: Callable[[], None] | None = None) -> Iterator[threading.Event]:
    """Yield an event that is set by Ctrl-C and by SIGTERM; a second Ctrl-C ends at once.

    Parameters
    ----------
    reload
        Called on SIGHUP, unless that comes because the terminal was closed: then we end. None leaves SIGHUP as it is.

    Notes
    -----
    Handlers can be set by the main thread alone; elsewhere the event is set by nobody but its owner.
    """
    stop = threading.Event()
    handlers: dict[int, Handler] = {}

    def end(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT and stop.is_set():
            signal.default_int_handler(number, frame)
        stop.set()

    if threading.current_thread() is threading.main_thread():
        handlers = {signal.SIGINT: end, signal.SIGTERM: end}
        if reload is not None and hasattr(signal, "SIGHUP"):
            began = _terminals()
            handlers[signal.SIGHUP] = lambda _number, _frame: reload() if _terminals() == began else stop.set()
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminals() -> list[int]:
    """Return which of our input and outputs are a terminal: one that has been closed is none any more."""
    return [number for number in (0, 1, 2) if os.isatty(number)]
