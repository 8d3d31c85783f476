"""How many requests are answered at a time: more than the service can hold are sent away at once, not left to wait."""

from __future__ import annotations

from tocsin.service.guards._asgi import ASGIApp, Message, Receive, Scope, Send, refuse

_OPEN = ("/healthz", "/readyz")
"""Whoever looks after the service must see that it is busy, not dead."""


class Crowd:
    """Bounds the requests that are answered at a time.

    A live stream counts until it begins: those who only listen have a bound of their own.

    Parameters
    ----------
    app
        What is guarded.
    most
        So many at a time.
    """

    def __init__(self, app: ASGIApp, *, most: int) -> None:
        self._app, self._most, self._inside = app, most, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http" or scope["path"] in _OPEN:
            await self._app(scope, receive, send)
        elif self._inside >= self._most:
            await refuse(
                scope,
                receive,
                send,
                status=503,
                detail=f"The service answers {self._most} requests already.",
                remedy="Try again in a second.",
                headers={"Retry-After": "1"},
            )
        else:
            await self._pass(scope, receive, send)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        counted = True
        self._inside += 1

        async def told(message: Message) -> None:
            nonlocal counted
            if counted and message["type"] == "http.response.start" and _is_stream(message):
                counted = False
                self._inside -= 1
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            self._inside -= counted


def _is_stream(message: Message) -> bool:
    return any(key == b"content-type" and b"event-stream" in value for key, value in message.get("headers", ()))
