"""How many requests are answered at a time: more than the service can hold are sent away at once, not left to wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tocsin.service.guards._asgi import ASGIApp, Message, Receive, Scope, Send, refuse

_OPEN = ("/healthz", "/readyz")
"""Whoever looks after the service must see that it is busy, not dead."""


class Crowd:
    """Bounds the requests that are answered at a time.

    A live stream counts until it begins: those who only listen have a bound of their own. One caller alone may hold
    three quarters of the places, so that whoever sends slowly, and much at a time, does not shut others out.

    Parameters
    ----------
    app
        What is guarded.
    most
        So many at a time.
    whose
        Returns who asks.
    """

    def __init__(self, app: ASGIApp, *, most: int, whose: Callable[[Scope], str]) -> None:
        self._app, self._most, self._whose = app, most, whose
        self._inside: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
        elif self._full(caller := self._whose(scope)):
            await refuse(
                scope,
                receive,
                send,
                status=503,
                detail=f"The service answers {self._inside.total()} requests already.",
                remedy="Try again in a second.",
                headers={"Retry-After": "1"},
            )
        else:
            await self._pass(caller, scope, receive, send)

    def _full(self, caller: str) -> bool:
        return self._inside.total() >= self._most or self._inside[caller] >= -(-3 * self._most // 4)

    async def _pass(self, caller: str, scope: Scope, receive: Receive, send: Send) -> None:
        counted = True
        self._inside[caller] += 1

        def leave() -> None:
            self._inside[caller] -= 1
            if not self._inside[caller]:
                del self._inside[caller]

        async def told(message: Message) -> None:
            nonlocal counted
            if counted and message["type"] == "http.response.start" and _is_stream(message):
                counted = False
                leave()
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            if counted:
                leave()


def _is_stream(message: Message) -> bool:
    return any(key == b"content-type" and b"event-stream" in value for key, value in message.get("headers", ()))
