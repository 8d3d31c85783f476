"""What viewers are sent: server-sent events, as https://html.spec.whatwg.org/multipage/server-sent-events.html has."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from tocsin.core.frames import UNKNOWN, Frame, numbers, shortened
from tocsin.core.notices import rfc3339
from tocsin.core.verdicts import Status

HEARTBEAT = b": still here\n\n"


def event(name: str, content: dict[str, Any], *, number: str = "") -> bytes:
    """Return an event; without a number it leaves the place at which a viewer goes on.

    >>> event("skipped", {"events": 3}).decode().splitlines()
    ['event: skipped', 'data: {"events":3}', '']
    """
    head = f"id: {number}\n" if number else ""
    told = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return f"{head}event: {name}\ndata: {told}\n\n".encode(errors="replace")


def verdicts(frame: Frame, *, snapshot: bool = False, skipped: int = 0) -> dict[str, Any]:
    """Return a frame as viewers get it: columns, with names and times that people read.

    Parameters
    ----------
    frame
        What is told.
    snapshot
        Is it how things stand, and not news?
    skipped
        How many verdicts the watch left out before it.
    """
    values = shortened(frame.values)
    return {
        "duty": frame.duty,
        "artifact": frame.artifact,
        "row_clock": frame.row_clock,
        "snapshot": snapshot,
        "skipped": skipped,
        "device": [frame.devices[k] for k in frame.device.tolist()],
        "time": [shown_time(time, row_clock=frame.row_clock) for time in frame.time.tolist()],
        "score": numbers(frame.score),
        "limit": numbers(frame.limit),
        "severity": numbers(shortened(frame.severity)),
        "status": [Status(code).name for code in frame.status.tolist()],
        "cause": [None if k == UNKNOWN else frame.channels[k] for k in frame.cause.tolist()],
        "values": {name: numbers(values[:, k]) for k, name in enumerate(frame.channels)},
    }


def shown_time(time: int, *, row_clock: bool) -> str | int:
    """Return a time as answers have it: RFC 3339, or a row's number.

    >>> shown_time(5, row_clock=True), shown_time(0, row_clock=False)
    (5, '1970-01-01T00:00:00Z')
    """
    return int(time) if row_clock else rfc3339(time)


def worst_first(frame: Frame, most: int) -> Frame:
    """Return the verdicts of at most so many, the worst of them; in their order."""
    if len(frame) <= most:
        return frame
    severity = frame.severity
    rank = np.where(np.isnan(severity), -1.0, severity)
    return frame.take(np.sort(np.argsort(-rank, kind="stable")[:most]))
