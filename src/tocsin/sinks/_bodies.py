"""What is sent: news of incidents as bytes, plain or in an envelope of CloudEvents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tocsin.core.notices import Notice

Form = Literal["json", "cloudevents"]
"""How news is written: the document alone, or in an envelope of CloudEvents 1.0."""


@dataclass(frozen=True)
class Formed:
    """The setting that all sinks have which send documents.

    Parameters
    ----------
    format
        "json" or "cloudevents".
    """

    format: Form = "json"


def written(notice: Notice, form: Form) -> bytes:
    """Return a notice as one line of JSON.

    >>> notice = Notice("1f", 0, "open", "anomaly", "", "pump-1", 0, 0, 0, 0, True, 3.0, 2.0, "major")
    >>> written(notice, "cloudevents")[:30]
    b'{"specversion":"1.0","id":"1f-'
    """
    return _line(_told(notice, form))


def written_together(notices: Sequence[Notice], form: Form) -> bytes:
    """Return notices as one JSON array."""
    return _line([_told(notice, form) for notice in notices])


def content_type(form: Form, *, together: bool = False) -> str:
    """Return the media type of :func:`written`, or of :func:`written_together`."""
    if form == "json":
        return "application/json"
    return f"application/cloudevents{'-batch' if together else ''}+json"


def _told(notice: Notice, form: Form) -> dict[str, Any]:
    return notice.cloud_event() if form == "cloudevents" else notice.document()


def _line(told: Any) -> bytes:
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
