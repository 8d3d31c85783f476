"""What a browser is told not to do with our answers: guess their kind, keep them, frame them, run them."""

from __future__ import annotations

from tocsin.service.guards._asgi import ASGIApp, Message, Receive, Scope, Send

_EVERYWHERE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOTHING = b"default-src 'none'; frame-ancestors 'none'"
_PAGE = (
    b"sandbox allow-scripts allow-downloads; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    b"script-src 'unsafe-inline'; frame-ancestors 'none'"
)
"""For pages that say nothing of their own: what they bring may run, but as a stranger to the service."""


class Seals:
    """Adds the headers that keep browsers from harm; whatever an answer says by itself stays.

    Parameters
    ----------
    app
        What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        private = scope["path"].startswith(("/v1", "/metrics", "/anomalydetector"))

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": _sealed(list(message.get("headers", ())), private=private)}
            await send(message)

        await self._app(scope, receive, sealed)


def _sealed(headers: list[tuple[bytes, bytes]], *, private: bool) -> list[tuple[bytes, bytes]]:
    own = dict(headers)
    page = own.get(b"content-type", b"").startswith(b"text/html")
    more = [*_EVERYWHERE, (b"content-security-policy", _PAGE if page else _NOTHING)]
    if private:
        more.append((b"cache-control", b"no-store"))
    return [*headers, *(pair for pair in more if pair[0] not in own)]
