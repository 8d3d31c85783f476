"""How a route's problems stand in /docs: each status with what it means here."""

from __future__ import annotations

from typing import Any

from tocsin.service.problems import MEDIA

_MEANING = {
    401: "No token was sent, or one that is not known.",
    403: "The token does not allow this.",
    404: "It is not there.",
    409: "It cannot be done as things stand.",
    413: "It is too much.",
    422: "What was asked for makes no sense; the detail says why.",
    503: "The store is away, or there are too many; try again later.",
}

_SCHEMA = {
    "type": "object",
    "required": ["title", "status", "detail", "remedy"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "remedy": {"type": "string", "description": "What to do about it."},
    },
}


def told_as(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what a route's decorator takes as ``responses``.

    >>> list(told_as(404)[404]["content"])
    ['application/problem+json']
    """
    return {status: {"description": _MEANING[status], "content": {MEDIA: {"schema": _SCHEMA}}} for status in statuses}
