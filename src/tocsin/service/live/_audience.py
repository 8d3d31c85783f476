"""Viewers who want the same: an event is written once for all of them, and none of them can hold up another."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from tocsin.core.frames import Frame
from tocsin.service.live._events import HEARTBEAT, event, worst_first

MOST_EVENTS = 32
"""So many events wait for a viewer; of one that takes no more, the oldest are left out."""
MOST_BYTES = 4 << 20
HEARTBEAT_S = 10.0
LONGEST_S = 3_600.0
"""A stream ends after an hour, lest one that nobody reads goes on for ever; a viewer comes back by itself."""


@dataclass(frozen=True)
class Wish:
    """What a viewer wants to see.

    Parameters
    ----------
    device
        This device alone; None for all.
    duty
        This duty alone; None for all.
    most
        Verdicts in an event, the worst where there are more.
    """

    device: str | None = None
    duty: str | None = None
    most: int = 500

    def of(self, frame: Frame) -> Frame:
        """Return what of a frame is wanted."""
        if self.duty is not None and frame.duty != self.duty:
            return replace(frame.take(frame.device < 0), devices=())
        if self.device is not None:
            place = frame.devices.index(self.device) if self.device in frame.devices else -1
            frame = frame.take(frame.device == place)
        return worst_first(frame, self.most)

    def wants(self, document: dict[str, object]) -> bool:
        """Tell whether news of an incident is wanted."""
        return self.duty in (None, document.get("duty")) and self.device in (None, document.get("device"))


class Viewer:
    """One who looks on. Events are offered and taken in one event loop; :meth:`close` may be called from anywhere.

    Parameters
    ----------
    wish
        What it wants to see.
    """

    def __init__(self, wish: Wish) -> None:
        self.wish, self.loop = wish, asyncio.get_running_loop()
        self._waiting: deque[bytes] = deque()
        self._bytes, self._skipped, self._open = 0, 0, True
        self._news = asyncio.Event()

    def offer(self, told: bytes) -> None:
        """Let an event wait to be taken; where too many wait, the oldest are left out."""
        self._waiting.append(told)
        self._bytes += len(told)
        while len(self._waiting) > MOST_EVENTS or (self._bytes > MOST_BYTES and len(self._waiting) > 1):
            self._bytes -= len(self._waiting.popleft())
            self._skipped += 1
        self._news.set()

    def end(self) -> None:
        """Send it home; from the loop's own thread."""
        self._open = False
        self._news.set()

    async def events(self, *, heartbeat_s: float = HEARTBEAT_S, longest_s: float = LONGEST_S) -> AsyncIterator[bytes]:
        """Yield events as they come, and a comment where none does, until it is sent home."""
        until = self.loop.time() + longest_s
        while self._open and self.loop.time() < until:
            if self._waiting:
                yield self._next()
                continue
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), heartbeat_s)
            except TimeoutError:
                yield HEARTBEAT

    def _next(self) -> bytes:
        skipped, self._skipped = self._skipped, 0
        told = self._waiting.popleft()
        self._bytes -= len(told)
        return event("skipped", {"events": skipped}) + told if skipped else told
