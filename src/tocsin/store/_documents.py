"""Notices as text that loses nothing, and names that any database takes."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any

from tocsin.core.notices import Notice

_FIELDS = frozenset(field.name for field in fields(Notice))
_WHOLE = ("revision", "start", "opened", "peak", "end")
_BROKEN = ("score", "limit")
_YES = ("open", "outside")


def written(notice: Notice) -> str:
    """Return a notice as JSON, with numbers that JSON does not know as text.

    >>> stale = Notice("1f", 0, "open", "stale", "", "p", 0, 0, 0, 0, True, float("inf"), 2.0, "major")
    >>> read(written(stale)) == stale
    True
    """
    content: dict[str, Any] = dict(vars(notice))
    content |= {name: int(content[name]) for name in _WHOLE}
    content |= {name: _number(content[name]) for name in _BROKEN}
    content |= {name: bool(content[name]) for name in _YES}
    content["causes"] = [(channel, _number(share)) for channel, share in notice.causes]
    return json.dumps(content, separators=(",", ":"))


def read(document: str) -> Notice:
    """Return the notice that :func:`written` wrote, also where a newer tocsin added to it."""
    content = {name: value for name, value in json.loads(document).items() if name in _FIELDS}
    content |= {name: float(content[name]) for name in _BROKEN}
    content["causes"] = tuple((channel, float(share)) for channel, share in content["causes"])
    return Notice(**content)


def plain(name: str) -> str:
    """Return a name without what some database refuses: NUL, and halves of characters.

    >>> plain("pump-1"), plain("a" + chr(0) + "b") == "a" + chr(0xFFFD) + "b"
    ('pump-1', True)
    """
    return name.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def finite(value: float) -> float | None:
    """Return a number for a column, where "not a number" is NULL."""
    return None if math.isnan(value) else float(value)


def _number(value: float) -> float | str:
    return float(value) if math.isfinite(value) else str(float(value))
