"""Progress without a terminal: long work reports how far it is, and whoever cares listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Listener = Callable[[str, int, int, str], None]
"""Called with: what is going on, steps done, steps in all, and a short note such as the current loss."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def report(what: str, done: int, total: int, note: str = "") -> None:
    """Tell the listener, if there is one, that ``done`` of ``total`` steps of ``what`` are finished."""
    if (listener := _listener.get()) is not None:
        listener(what, done, total, note)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Have ``listener`` called for all progress reported inside the ``with`` block.

    >>> heard = []
    >>> with listening(lambda *news: heard.append(news)):
    ...     report("training", 1, 50, "loss .02")
    >>> heard
    [('training', 1, 50, 'loss .02')]
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
