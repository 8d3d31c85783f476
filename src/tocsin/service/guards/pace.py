"""How often one caller may ask, so that one script in a loop does not keep everybody else waiting."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from tocsin.service.guards._asgi import ASGIApp, Receive, Scope, Send, refuse

_SPAN_S = 10.0
"""Over so long the pace is an average."""

_MOST_CALLERS = 10_000
_OPEN = ("/healthz", "/readyz")


class Pace:
    """Bounds how often one caller may ask.

    Each caller has an allowance of ten seconds' worth of requests, which comes back at the pace that is allowed (a
    token bucket). Callers are told apart by their token, those without one by their address.

    Parameters
    ----------
    app
        What is guarded.
    per_s
        Requests a second, on average.
    whose
        Returns who asks.
    clock
        In s.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_s: float,
        whose: Callable[[Scope], str],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._per_s, self._whose, self._clock = app, per_s, whose, clock
        self._most = max(1.0, per_s * _SPAN_S)
        self._left: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        wait_s = 0.0 if scope["type"] != "http" or scope["path"] in _OPEN else self._wait_s(self._whose(scope))
        if not wait_s:
            await self._app(scope, receive, send)
            return
        await refuse(
            scope,
            receive,
            send,
            status=429,
            detail=f"That is more than {self._per_s:g} requests a second.",
            remedy="Ask less often, or several things at once.",
            headers={"Retry-After": str(math.ceil(wait_s))},
        )

    def _wait_s(self, caller: str) -> float:
        """Take one from the caller's allowance; return for how long there is none."""
        now = self._clock()
        left, when = self._left.get(caller, (self._most, now))
        left = min(self._most, left + (now - when) * self._per_s)
        if len(self._left) >= _MOST_CALLERS and caller not in self._left:
            self._forget(now)
        self._left[caller] = (max(left - 1.0, 0.0) if left >= 1.0 else left, now)
        return 0.0 if left >= 1.0 else (1.0 - left) / self._per_s

    def _forget(self, now: float) -> None:
        """Let go of those who have their whole allowance back; of the longest silent half where nobody has."""
        old = sorted(self._left, key=lambda caller: self._left[caller][1])
        rested = [one for one in old if self._left[one][0] + (now - self._left[one][1]) * self._per_s >= self._most]
        for caller in rested or old[: len(old) // 2]:
            del self._left[caller]
