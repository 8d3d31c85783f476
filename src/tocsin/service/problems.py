"""Problems as RFC 9457 has them: one sentence on what is wrong, one on what to do, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from tocsin.core.errors import MissingExtraError, TocsinError
from tocsin.lifecycle.errors import AbsentError
from tocsin.store.errors import StoreAway

_HEADERS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "1"},
    503: {"Retry-After": "5"},
}

MEDIA = "application/problem+json"

REQUEST: ContextVar[str] = ContextVar("REQUEST", default="")
"""The name of the request that is being answered: its problem and the log's line both have it."""


class ProblemError(Exception):
    """A request that is answered with a problem.

    Parameters
    ----------
    status
        Of HTTP.
    detail
        What is wrong.
    remedy
        What to do about it.
    """

    def __init__(self, status: int, detail: str, *, remedy: str = "") -> None:
        super().__init__(detail)
        self.status, self.detail, self.remedy = status, detail, remedy


class RefusedError(HTTPException):
    """A request that is refused while its body is still being read; the framework lets only its own kind through.

    Parameters
    ----------
    status
        Of HTTP.
    detail
        What is wrong.
    remedy
        What to do about it.
    """

    def __init__(self, status: int, detail: str, *, remedy: str = "") -> None:
        super().__init__(status, detail)
        self.remedy = remedy


def problem(status: int, detail: str, remedy: str = "") -> dict[str, Any]:
    """Return a problem's document.

    >>> problem(404, "There is no job 7.")
    {'title': 'Not Found', 'status': 404, 'detail': 'There is no job 7.', 'remedy': ''}
    """
    return {"title": HTTPStatus(status).phrase, "status": status, "detail": detail, "remedy": remedy}


def answer(status: int, detail: str, remedy: str = "", headers: dict[str, str] | None = None) -> JSONResponse:
    """Return a problem as a response; it names the request, so that it can be found in the log."""
    told = problem(status, detail, remedy)
    if name := REQUEST.get():
        told["request"] = name
    return JSONResponse(told, status, media_type=MEDIA, headers={**_HEADERS.get(status, {}), **(headers or {})})


def status_of(error: TocsinError) -> int:
    """Return the status that an error of ours is answered with."""
    if isinstance(error, StoreAway):
        return 503
    if isinstance(error, AbsentError):
        return 404
    return 501 if isinstance(error, MissingExtraError) else 422


def install(app: FastAPI, methods: Callable[[str], list[str]]) -> None:
    """Have all errors of ``app`` told as problems.

    Parameters
    ----------
    methods
        Returns the methods that a path can be asked with.
    """

    @app.exception_handler(ProblemError)
    async def _ours(_: Request, error: ProblemError) -> JSONResponse:
        return answer(error.status, error.detail, error.remedy)

    @app.exception_handler(TocsinError)
    async def _people(_: Request, error: TocsinError) -> JSONResponse:
        return answer(status_of(error), error.message, error.remedy)

    @app.exception_handler(RequestValidationError)
    async def _shape(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return answer(422, f"{where}: {first['msg']}.", "See /docs for what is expected.")

    @app.exception_handler(HTTPException)
    async def _plain(request: Request, error: HTTPException) -> JSONResponse:
        headers, remedy = dict(error.headers or {}), getattr(error, "remedy", "")
        if error.status_code == 405:
            # the framework names the methods of the first route that fits the path
            headers["Allow"] = ", ".join(methods(request.url.path))
        return answer(error.status_code, str(error.detail), remedy, headers)
