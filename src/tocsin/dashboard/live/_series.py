"""One device's readings as small pictures need them: few enough points, with every extreme kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any, Final

POINTS: Final = 600
"""Of one line, at most: more than a picture of that size has columns."""

Line = Sequence[float | None]


def pictures(device: dict[str, Any], *, minutes: int, now_ms: float) -> dict[str, Any]:
    """Return what the drawing of one device needs.

    Parameters
    ----------
    device
        What ``GET /v1/devices/{device}`` tells.
    minutes
        How far back the pictures go.
    now_ms
        The present; where the last reading is older than the pictures are long, they end with that.
    """
    time = [_ms(text) for text in device["time"]]
    rows = bool(device.get("row_clock"))
    strange = [
        k for k, (score, limit) in enumerate(zip(device["score"], device["limit"], strict=True)) if _above(score, limit)
    ]
    score = _line("score", time, device["score"], strange)
    score["limit"] = [device["limit"][k] for k in score.pop("kept")]
    lines = [_line(name, time, device["values"][name], strange) for name in device["channels"]]
    return {
        "series": [score, *lines],
        "span": _rows(time) if rows else _span(time, minutes * 60_000, now_ms),
        "rows": rows,
        "rings": [
            [_ms(one["start"]), now_ms if one["open"] else _ms(one["end"])] for one in device["incidents"] if not rows
        ],
    }


def thinned(values: Line, points: int) -> list[int]:
    """Return which rows to draw: of each stretch the lowest and the highest, and all where there are few.

    >>> thinned([1.0, 5.0, 2.0, 2.0, 0.0, 3.0], 4)
    [0, 1, 4, 5]
    """
    rows = len(values)
    if rows <= points:
        return list(range(rows))
    stretches = max(1, points // 2)
    edges = [rows * k // stretches for k in range(stretches + 1)]
    kept: set[int] = set()
    for start, stop in pairwise(edges):
        known = [k for k in range(start, stop) if values[k] is not None] or [start]
        kept |= {min(known, key=lambda k: values[k] or 0.0), max(known, key=lambda k: values[k] or 0.0)}
    return sorted(kept)


def _line(name: str, time: Sequence[float], values: Line, strange: Sequence[int]) -> dict[str, Any]:
    kept = thinned(values, POINTS)
    odd = set(strange)
    return {
        "name": name,
        "time": [time[k] for k in kept],
        "value": [values[k] for k in kept],
        "strange": [place for place, k in enumerate(kept) if k in odd],
        "kept": kept,
    }


def _above(score: float | None, limit: float | None) -> bool:
    return score is not None and limit is not None and score > limit


def _span(time: Sequence[float], length: float, now_ms: float) -> list[float]:
    until = now_ms if not time or time[-1] > now_ms - length else time[-1]
    return [until - length, until]


def _rows(time: Sequence[float]) -> list[float]:
    """Return the first and the last row; where rows are the clock, nobody knows how long ago one was."""
    return [time[0], max(time[-1], time[0] + 1)] if time else [0.0, 1.0]


def _ms(written: str | int) -> float:
    """Return a time in ms since the epoch; a row's number as it is."""
    return float(written) if isinstance(written, int) else datetime.fromisoformat(written).timestamp() * 1000
