"""A connection that is patient, but not for ever: one on which no request comes about is closed."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

LOOK_S = 10.0
"""A request's head must have come, and what follows an answer must have ended, from one look to the next."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as uvicorn speaks it, which waits for the head of a first request for ever (slow loris).

    Every few seconds a connection is looked at. One that has no request in hand, and had none in hand the last time
    without another in between, is closed: its head comes too slowly, or it goes on sending what nobody reads.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Begin to look after a connection."""
        super().connection_made(transport)
        self._look = self.loop.call_later(LOOK_S, self._look_at, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._look.cancel()
        super().connection_lost(exc)

    def _look_at(self, last: RequestResponseCycle | None) -> None:
        now: Any = self.cycle
        if (now is None or now.response_complete) and now is last:
            self.transport.close()
        else:
            self._look = self.loop.call_later(LOOK_S, self._look_at, now)
