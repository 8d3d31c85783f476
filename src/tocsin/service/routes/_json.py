"""Plain values as JSON, quickly, and never with a number that JSON does not know."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic_core import to_json


def told(
    value: Any, status: int = 200, headers: dict[str, str] | None = None, media: str = "application/json"
) -> Response:
    """Return a value as a response; NaN and infinities become null."""
    return Response(to_json(value, inf_nan_mode="null"), status, headers, media)
