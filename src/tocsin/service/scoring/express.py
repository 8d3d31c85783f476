"""Small work that has been seen to be quick is done at once: to hand it to a thread would cost more than the work."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from anyio import to_thread

T = TypeVar("T")

QUICK_S = 0.01
"""Processor time up to which everybody else can wait for it."""

_MOST_BYTES = 1 << 16


class Express:
    """Does work in a thread until it is known to be quick, and from then on where it is asked for.

    What is known is the largest body that was quick, by what answers it; once one is not, threads are used again.

    Examples
    --------
    >>> import asyncio
    >>> asyncio.run(Express().run("pump", lambda: 7, size=100))
    7
    """

    def __init__(self) -> None:
        self._quick: dict[Hashable, int] = {}

    async def run(self, what: Hashable, work: Callable[[], T], *, size: int) -> T:
        """Return what ``work`` returns; errors are its own.

        Parameters
        ----------
        what
            Work of the same kind takes about as long for a body of the same size.
        work
            What is done.
        size
            Of the body, in bytes.
        """
        if size <= min(self._quick.get(what, 0), _MOST_BYTES):
            return self._timed(what, work, size)
        return await to_thread.run_sync(self._timed, what, work, size)

    def _timed(self, what: Hashable, work: Callable[[], T], size: int) -> T:
        began = time.thread_time()
        found = work()
        if time.thread_time() - began <= QUICK_S:
            self._quick[what] = max(size, self._quick.get(what, 0))
        else:
            self._quick.pop(what, None)
        return found
