"""Which routes take files: as the description of the service says it, so that the two cannot differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any


def takes_files(description: Callable[[], dict[str, Any]]) -> Callable[[str, str], bool]:
    """Return what tells whether a method and a path take files.

    Parameters
    ----------
    description
        Returns the service's OpenAPI description.

    Examples
    --------
    >>> csv = {"requestBody": {"content": {"text/csv": {}}}}
    >>> takes = takes_files(lambda: {"paths": {"/v1/files/{id}": {"post": csv, "get": {}}}})
    >>> takes("POST", "/v1/files/7"), takes("GET", "/v1/files/7"), takes("POST", "/v1/files/7/more")
    (True, False, False)
    """

    @cache
    def patterns() -> list[tuple[str, re.Pattern[str]]]:
        return [
            (method.upper(), re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))))
            for path, item in description()["paths"].items()
            for method, operation in item.items()
            if _is_file(operation)
        ]

    return lambda method, path: any(
        method == own and pattern.fullmatch(path) is not None for own, pattern in patterns()
    )


def _is_file(operation: dict[str, Any]) -> bool:
    kinds = operation.get("requestBody", {}).get("content", {})
    return any(not kind.endswith("json") for kind in kinds)
