"""The service's OpenAPI description, completed: what guards and tokens may answer is told of every route."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI

from tocsin.service.answers import Problem
from tocsin.service.problems import MEDIA

_GUARDED = (400, 401, 403, 429, 503)
"""What any route that asks for a token may answer, whatever it does."""

_WITH_BODY = (408, 413)
_BY_GUARDS = ("408", "413", "429", "503")
"""Guards answer in their own way, whatever a route's own problems look like."""

_SEEN = {"$ref": "#/components/schemas/Problem"}


def install(app: FastAPI) -> None:
    """Have ``app`` describe itself completely at /openapi.json."""
    plain = app.openapi

    @cache
    def complete() -> dict[str, Any]:
        found = plain()
        named = found["components"]["schemas"]
        found["paths"] = _hoisted(found["paths"], named)
        named["Problem"] = Problem.model_json_schema()
        for item in found["paths"].values():
            for operation in item.values():
                _complete(operation)
        return found

    app.openapi = complete  # type: ignore[method-assign]  # the framework's documented way


def _hoisted(part: Any, named: dict[str, Any]) -> Any:
    """Return a part of the description with whatever its schemas define for themselves moved to the named ones."""
    if isinstance(part, list):
        return [_hoisted(one, named) for one in part]
    if not isinstance(part, dict):
        return part.replace("#/$defs/", "#/components/schemas/") if isinstance(part, str) else part
    for name, schema in part.get("$defs", {}).items():
        named.setdefault(name, _hoisted(schema, named))
    return {name: _hoisted(one, named) for name, one in part.items() if name != "$defs"}


def _complete(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    wanted = {*(_GUARDED if operation.get("security") else ()), *(_WITH_BODY if "requestBody" in operation else ())}
    for status in map(str, sorted(wanted)):
        told = answers.setdefault(status, {"description": HTTPStatus(int(status)).phrase})
        if "content" not in told or status in _BY_GUARDS:
            told.setdefault("content", {})[MEDIA] = {}
    for status, told in answers.items():
        if status == "422" and MEDIA not in told.get("content", {}):
            told.update(description="What was sent cannot be used; it says why.", content={MEDIA: {}})
        if MEDIA in told.get("content", {}):
            told["content"][MEDIA] = {"schema": _SEEN}
    operation["responses"] = dict(sorted(answers.items()))
