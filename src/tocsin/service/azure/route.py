"""Errors as clients of Azure's Anomaly Detector read them: a code and a message."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from tocsin.core.errors import TocsinError
from tocsin.service.azure.errors import CodedError
from tocsin.service.problems import ProblemError, status_of

_REQUIRED = {"dataSource": "RequiredSource", "startTime": "RequiredStartTime", "endTime": "RequiredEndTime"}
_INVALID = {
    "alignMode": "InvalidAlignMode",
    "fillNAMethod": "InvalidFillNAMethod",
    "slidingWindow": "InvalidSlidingWindow",
    "startTime": "InvalidTimestampFormat",
    "endTime": "InvalidTimestampFormat",
    "skip": "InvalidRequestParameterError",
    "top": "InvalidRequestParameterError",
}
_STATUS = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 413: "InvalidFileSize", 429: "TooManyRequests"}


class AzureRoute(APIRoute):
    """A route whose errors have a code and a message."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers, errors included."""
        answer = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await answer(request)
            except CodedError as error:
                return JSONResponse(error.body(), error.status)
            except RequestValidationError as error:
                return JSONResponse(_shape(error).body(), 400)
            except ProblemError as error:
                return _problem(error)
            except HTTPException as error:
                if error.status_code != 400:
                    raise
                return JSONResponse(CodedError("InvalidJsonFormat", f"{error.detail}.").body(), 400)
            except TocsinError as error:
                status = status_of(error)
                return JSONResponse({"code": "BadArgument", "message": str(error)}, 400 if status == 422 else status)

        return told


def _problem(error: ProblemError) -> JSONResponse:
    code = _STATUS.get(error.status, "UnexpectedError")
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse({"code": code, "message": f"{error.detail} {error.remedy}".rstrip()}, error.status, headers)


def _shape(error: RequestValidationError) -> CodedError:
    """Return what is wrong with a request's shape, by the first thing found."""
    first = error.errors()[0]
    field = str(first["loc"][-1]) if first["loc"] else ""
    if first["type"] == "missing" and field in _REQUIRED:
        return CodedError(_REQUIRED[field], f"The '{field}' field is required in the request.")
    where = ".".join(str(part) for part in first["loc"][1:])
    return CodedError(_INVALID.get(field, "InvalidJsonFormat"), f"{where or 'The body'}: {first['msg']}.")
