"""Who may reach a service that asks for no token: programs of this machine, and no web page from anywhere else."""

from __future__ import annotations

from collections.abc import Callable

from tocsin.service.guards._asgi import ASGIApp, Receive, Scope, Send, header, refuse

_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})
_FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip")


class Place:
    """Refuses requests that were led here from elsewhere.

    A web page from anywhere, open in a browser of this machine, can send requests to a loopback address, and under a
    name of its own even read the answers (DNS rebinding). Hence the name that is asked for must be one of ours, and
    what a page of another origin sends is refused, by what browsers say of it (``Origin``, ``Sec-Fetch-Site``). Where
    no token is wanted, what a proxy hands on is refused too: it comes from others, who must show one.

    Parameters
    ----------
    app
        What is guarded.
    hosts
        Names that may be asked for, beside those of this machine; None for any.
    wanted
        Tells whether a token is wanted.
    """

    def __init__(self, app: ASGIApp, *, hosts: tuple[str, ...] | None, wanted: Callable[[], bool]) -> None:
        self._app, self._wanted = app, wanted
        self._hosts = None if hosts is None else _HERE | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        why = self._why_not(scope) if scope["type"] == "http" else None
        if why is None:
            await self._app(scope, receive, send)
            return
        status, detail, remedy = why
        await refuse(scope, receive, send, status=status, detail=detail, remedy=remedy)

    def _why_not(self, scope: Scope) -> tuple[int, str, str] | None:
        host = header(scope, b"host")
        if self._hosts is not None and _name(host) not in self._hosts:
            return 421, "The service is not known by this name.", "Ask for it at 127.0.0.1, or add --known-as NAME."
        if _is_foreign(scope, host):
            return 403, "A page of another origin asks.", "Ask from a program, or from the service's own pages."
        if not self._wanted() and any(header(scope, name) for name in _FORWARDED):
            return 403, "Behind a proxy everybody needs a token.", "Make one with: tocsin token create NAME"
        return None


def _name(host: str) -> str:
    """Return a host without its port.

    >>> _name("LOCALHOST:8420"), _name("[::1]:8420"), _name("127.0.0.1")
    ('localhost', '[::1]', '127.0.0.1')
    """
    name = host.lower()
    return name[: name.find("]") + 1] if name.startswith("[") else name.partition(":")[0]


def _is_foreign(scope: Scope, host: str) -> bool:
    origin, site = header(scope, b"origin"), header(scope, b"sec-fetch-site")
    if origin and origin.partition("://")[2].lower() != host.lower():
        return True
    led = site in ("cross-site", "same-site")
    looked_at = scope["method"] in ("GET", "HEAD") and header(scope, b"sec-fetch-mode") == "navigate"
    return led and not looked_at
