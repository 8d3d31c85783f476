"""Which routes there are for a path: as the description of the service says it, so that the two cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, NamedTuple

Held = Literal["file", "readings", "order"]
"""What a body brings: a file, which is read piece by piece; readings as JSON; or an order, a few words of JSON."""

READINGS = {"x-readings": True}
"""Marks a route, in its ``openapi_extra``, whose JSON brings readings."""


class _Door(NamedTuple):
    pattern: re.Pattern[str]
    literal: int
    operations: dict[str, Any]


class Doors:
    """The routes of a service, by path.

    Parameters
    ----------
    description
        Returns the service's OpenAPI description; asked for when a path is first looked up.

    Examples
    --------
    >>> csv = {"requestBody": {"content": {"text/csv": {}}}}
    >>> doors = Doors(lambda: {"paths": {"/v1/files/{id}": {"post": csv, "get": {}}}})
    >>> doors.methods("/v1/files/7"), doors.methods("/v1/files/7/more")
    (['GET', 'POST'], [])
    >>> doors.held("POST", "/v1/files/7", "text/csv"), doors.held("GET", "/v1/files/7", "")
    ('file', 'order')
    """

    def __init__(self, description: Callable[[], dict[str, Any]]) -> None:
        self._description = description

    def methods(self, path: str) -> list[str]:
        """Return the methods that a path can be asked with."""
        return sorted(method.upper() for method in self._operations(path))

    def held(self, method: str, path: str, kind: str) -> Held:
        """Return what a body of a media type brings to a route; all but files are held in memory."""
        operation = self._operations(path).get(method.lower(), {})
        kinds = operation.get("requestBody", {}).get("content", {})
        only_files = bool(kinds) and not any(known.endswith("json") for known in kinds)
        if not kind.endswith("json") and (only_files or kind in kinds):
            return "file"
        return "readings" if "x-readings" in operation else "order"

    def _operations(self, path: str) -> dict[str, Any]:
        """Return what is described for a path; where several patterns fit, the one with the most of its own letters."""
        fits = [door for door in self._doors if door.pattern.fullmatch(path)]
        return max(fits, key=lambda door: door.literal).operations if fits else {}

    @cached_property
    def _doors(self) -> list[_Door]:
        return [
            _Door(
                re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))), len(re.sub(r"\{.*?\}", "", path)), item
            )
            for path, item in self._description()["paths"].items()
        ]
