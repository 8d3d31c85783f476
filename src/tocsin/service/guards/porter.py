"""The outermost guard: each request gets a name, is counted and logged, and is answered whatever happens inside."""

from __future__ import annotations

import logging
import re
import secrets
import time

from starlette.requests import ClientDisconnect

from tocsin.service.guards._asgi import ASGIApp, Message, Receive, Scope, Send, header
from tocsin.service.problems import REQUEST, answer
from tocsin.service.tally import Tally

_LOG = logging.getLogger("tocsin.service.requests")
_GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_GONE = 499
"""What is counted where the caller left before the answer began."""


class Porter:
    """Names, counts and logs requests.

    A name that a proxy has given (``X-Request-ID``) is kept, so that its log and ours can be laid side by side. Neither
    questions nor headers of a request are logged: they may hold what is nobody's business.

    Parameters
    ----------
    app
        What is guarded.
    tally
        Where requests are counted.
    """

    def __init__(self, app: ASGIApp, *, tally: Tally) -> None:
        self._app, self._tally = app, tally

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        visit = _Visit(scope, send)
        before = REQUEST.set(visit.name)
        try:
            await self._app(scope, receive, visit.send)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            _LOG.error("%s %s failed", scope["method"], visit.path, exc_info=error, extra={"request": visit.name})
            if not visit.status:
                await answer(500, "Something went wrong inside tocsin.", "Its log tells what.")(
                    scope, receive, visit.send
                )
            raise
        finally:
            REQUEST.reset(before)
            self._write(scope, visit)

    def _write(self, scope: Scope, visit: _Visit) -> None:
        took_s, status = time.perf_counter() - visit.began, visit.status or _GONE
        route = getattr(scope.get("route"), "path", "other")
        self._tally.count(route, scope["method"], status, None if visit.stream else took_s)
        if _LOG.isEnabledFor(logging.INFO):
            caller = scope.get("state", {}).get("caller", "")
            fields = {"ms": round(took_s * 1e3, 1), "caller": caller, "request": visit.name}
            _LOG.info("%s %s %d", scope["method"], visit.path, status, extra=fields)


class _Visit:
    """What becomes of one request."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = header(scope, b"x-request-id")
        self.name = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        # as it was sent: whatever is no plain letter stays in percents, so that no line of the log can be forged
        self.path = scope.get("raw_path", b"").decode("ascii", "replace").partition("?")[0][:200]
        self.began, self.status, self.stream = time.perf_counter(), 0, False
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            self.stream = any(key == b"content-type" and b"event-stream" in value for key, value in headers)
            message = {**message, "headers": [*headers, (b"x-request-id", self.name.encode())]}
        await self._send(message)
