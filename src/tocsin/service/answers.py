"""What routes may answer besides what was asked for, so that the description of the service is complete."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from tocsin.service.problems import MEDIA


class Problem(BaseModel):
    """A problem, as RFC 9457 has it: what is wrong, and what to do about it."""

    title: str = Field(description="The status in words.")
    status: int = Field(description="The status of HTTP.")
    detail: str = Field(description="What is wrong, in a sentence.")
    remedy: str = Field(description="What to do about it; may be empty.")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problems that a route may answer with, to be given as its ``responses``.

    Parameters
    ----------
    statuses
        Of HTTP; 401 and 403 are told of every route that asks for a token, and so are 422 and 429.

    Examples
    --------
    >>> sorted(problems(404))
    [401, 403, 404, 422, 429]
    """
    schema = {"schema": Problem.model_json_schema()}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA: schema}}
        for status in sorted({401, 403, 422, 429, *statuses})
    }
