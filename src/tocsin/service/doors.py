"""Which routes there are for a path: as the description of the service says it, so that the two cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple


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
    >>> doors.takes_files("POST", "/v1/files/7"), doors.takes_files("GET", "/v1/files/7")
    (True, False)
    """

    def __init__(self, description: Callable[[], dict[str, Any]]) -> None:
        self._description = description

    def methods(self, path: str) -> list[str]:
        """Return the methods that a path can be asked with."""
        return sorted(method.upper() for method in self._operations(path))

    def takes_files(self, method: str, path: str) -> bool:
        """Tell whether a route takes files, which are read piece by piece; others are held in memory."""
        operation = self._operations(path).get(method.lower(), {})
        kinds = operation.get("requestBody", {}).get("content", {})
        return any(not kind.endswith("json") for kind in kinds)

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
