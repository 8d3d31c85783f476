"""How much a request may bring, and how slowly: told while it comes, so that nothing too large is ever held or kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

from tocsin.service.doors import Held
from tocsin.service.guards._asgi import ASGIApp, Message, Receive, Scope, Send, header, refuse
from tocsin.service.problems import RefusedError

_LINGER_S = 2.0
"""So long the rest of a refused body is read and thrown away: who is cut off while sending never sees the answer."""

_LINGER_BYTES = 64 << 20

_AMBIGUOUS: dict[str, Any] = {
    "status": 400,
    "detail": "The request tells two lengths of its body.",
    "remedy": "Give Content-Length or Transfer-Encoding, not both.",
}
"""A proxy that believes the other one would take what we read as a body for somebody's next request."""


class BodyLimits(NamedTuple):
    """What bodies are held to.

    Parameters
    ----------
    file_bytes
        Of a body that a route takes as a file, piece by piece.
    json_bytes
        Of readings as JSON.
    order_bytes
        Of any other; it is checked word by word, while all others wait.
    silence_s
        So long none may come.
    least_bytes_per_s
        So much must come on average, once it has taken longer than ``silence_s``.
    """

    file_bytes: int
    json_bytes: int
    order_bytes: int
    silence_s: float
    least_bytes_per_s: float


class Bodies:
    """Refuses bodies that are too large (413) or come too slowly (408).

    Parameters
    ----------
    app
        What is guarded.
    limits
        What they are held to.
    held
        Returns what a body brings to a method and a path, by its media type; asked only of bodies larger than an order.
    """

    def __init__(self, app: ASGIApp, *, limits: BodyLimits, held: Callable[[str, str, str], Held]) -> None:
        self._app, self._limits, self._held = app, limits, held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if header(scope, b"content-length") and header(scope, b"transfer-encoding"):
            await refuse(scope, receive, send, **_AMBIGUOUS)
            return
        body = _Body(receive, self._limits, find_most=lambda: self._most(scope))
        announced = header(scope, b"content-length")
        if announced.isdecimal() and int(announced) > self._limits.order_bytes and int(announced) > body.most:
            if not header(
                scope, b"expect"
            ):  # who waits to be asked for the body sees the answer without having sent it
                await body.linger()
            await refuse(scope, receive, send, **too_large(body.most))
            return

        async def told(message: Message) -> None:
            if body.refused and message["type"] == "http.response.start":
                await body.linger()
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, body.receive, told)

    def _most(self, scope: Scope) -> int:
        kind = header(scope, b"content-type").partition(";")[0].strip().lower()
        limits = self._limits
        most = {"file": limits.file_bytes, "readings": limits.json_bytes, "order": limits.order_bytes}
        return most[self._held(scope["method"], scope["path"], kind)]


def too_large(most: int) -> dict[str, Any]:
    """Return what is said of a body of more than ``most`` bytes."""
    return {
        "status": 413,
        "detail": f"That is more than the {most:,} bytes that are taken here.",
        "remedy": "Send less at a time, or have the service take more: tocsin serve --limit-upload-mib",
    }


class _Body:
    """One request's body as it comes."""

    def __init__(self, receive: Receive, limits: BodyLimits, *, find_most: Callable[[], int]) -> None:
        self._receive, self._limits, self._find_most = receive, limits, find_most
        self._bytes, self._waited_s, self._ended = 0, 0.0, False
        self.refused = False

    @cached_property
    def most(self) -> int:
        """Bytes that it may have."""
        return self._find_most()

    async def receive(self) -> Message:
        """Return the next piece."""
        if self._ended:
            return await self._receive()
        message = await self._next()
        self._bytes += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        if self._bytes > self._limits.order_bytes and self._bytes > self.most:
            self.refused = True
            raise RefusedError(**too_large(self.most))
        return message

    async def linger(self) -> None:
        """Read on for a moment, and forget what is read."""
        thrown = 0
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self._ended and thrown < _LINGER_BYTES:
                    message = await self._receive()
                    thrown += len(message.get("body", b""))
                    self._ended = not message.get("more_body", False)
        except TimeoutError:
            return

    async def _next(self) -> Message:
        """Wait for a piece; the time that the application takes for those before is not the caller's."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.silence_s):
                message = await self._receive()
        except TimeoutError:
            raise self._too_slow() from None
        self._waited_s += time.monotonic() - began
        late_s = self._waited_s - self._limits.silence_s
        if late_s > 0 and self._bytes < late_s * self._limits.least_bytes_per_s:
            raise self._too_slow()
        return message

    def _too_slow(self) -> RefusedError:
        self.refused = self._ended = True
        return RefusedError(
            status=408,
            detail="The request's body comes too slowly.",
            remedy=f"Send at least {self._limits.least_bytes_per_s:,.0f} bytes a second.",
        )
