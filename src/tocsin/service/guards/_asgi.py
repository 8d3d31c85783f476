"""The words that all guards share: what ASGI passes, and how a guard says no."""

from __future__ import annotations

from typing import TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.service.problems import answer

__all__ = ["ASGIApp", "Headers", "Message", "Receive", "Scope", "Send", "header", "refuse"]

Headers: TypeAlias = dict[str, str]


def header(scope: Scope, name: bytes) -> str:
    """Return a header of the request; "" where it is not there.

    >>> header({"headers": [(b"host", b"localhost:8420")]}, b"host")
    'localhost:8420'
    """
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    status: int,
    detail: str,
    remedy: str,
    headers: Headers | None = None,
) -> None:
    """Answer with a problem, instead of the application; the connection ends with it, whatever else it carries."""
    told = answer(status, detail, remedy, {"Connection": "close", **(headers or {})})
    await told(scope, receive, send)
