"""The fleet and its open incidents, as the page draws them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from tocsin.dashboard.live._seen import away, now_ms, seen

MOST: Final = 50
"""Devices that are shown; the others are found by their names."""

BARS: Final = 20
"""Stretches of its last ten minutes that each device shows."""

CALM: Final = 0.8
"""Share of the limit up to which a device does well."""

MOST_INCIDENTS: Final = 30

MOST_OVER: Final = 6
"""Of those that are over, the latest."""

Told = dict[str, Any]


def head() -> Told:
    """Return the counts, and what is wrong where something is."""
    told = seen("/v1/devices", {"most": 1})
    return {"head": told, "away": away() or quiet(told)}


def quiet(told: Told | None) -> str:
    """Return a sentence where no watch tells anything just now; "" where one does.

    >>> quiet({"total": 3, "live": 0, "devices": [{"time": "2026-03-01T08:00:00Z"}]})[:41]
    'No watch tells this service anything now:'
    """
    if not told or not told["total"] or told["live"]:
        return ""
    last = max((one["time"] or "" for one in told["devices"]), default="")
    return (
        "No watch tells this service anything now: what is shown was kept"
        + (f", last at {last[:19].replace('T', ' ')} UTC." if last else ".")
        + " Is the watch running, connected to its source, and with --service?"
    )


def fleet(like: str = "", *, most: int = MOST) -> Told | None:
    """Return the devices, worst first; None where nothing is known."""
    told = seen("/v1/devices", {"like": like or None, "most": most, "bars": BARS})
    if told is None:
        return None
    shown = told["devices"]
    rest = told["total"] - len(shown)
    text = f"And {rest:,} more that do better: find them by their names." if rest > 0 and not like else ""
    return {
        "devices": sorted(told_apart(shown), key=_steady),
        "now": now_ms(),
        "rest": text if shown else f"No device has “{like}” in its name.",
    }


def incidents(*, most: int = MOST_INCIDENTS) -> Told:
    """Return the open incidents, worst first."""
    told = seen("/v1/incidents", {"open": True, "most": 200})
    found = sorted((told or {"incidents": []})["incidents"], key=_grave)
    return {
        "title": "Open incidents",
        "incidents": told_apart(found[:most]),
        "total": len(found),
        "now": now_ms(),
        "more": f"And {len(found) - most:,} more." if len(found) > most else "",
        "calm": "None is open: all is quiet." if told is not None else "",
    }


def lately_over() -> Told:
    """Return the incidents that ended last, to be answered once it is known what they were."""
    told = seen("/v1/incidents", {"open": False, "most": MOST_OVER}) or {"incidents": []}
    return {
        "title": "Lately over",
        "incidents": told_apart(told["incidents"]),
        "now": now_ms(),
        "more": "",
        "calm": "None so far.",
    }


def told_apart(rows: Sequence[Told]) -> list[Told]:
    """Return devices or incidents, each with the name that it is shown by: with its duty, where there are several.

    >>> [one["name"] for one in told_apart([{"device": "a", "duty": ""}, {"device": "a", "duty": "night"}])]
    ['a', 'a (night)']
    """
    several = len({row["duty"] for row in rows}) > 1
    return [{**row, "name": shown_name(row["device"], row["duty"] if several else "")} for row in rows]


def shown_name(device: str, duty: str) -> str:
    """Return what a device is called where duties must be told apart."""
    return f"{device} ({duty})" if duty else device


def _steady(device: Told) -> tuple[Any, ...]:
    """Return where a device stands: the worst first, and those that do well by their names.

    They all do about as well as one another; in order of their scores they would change places every second.
    """
    worst = device["worst"] or 0.0
    strange = -round(worst, 1) if worst > CALM else 0.0
    name = [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", device["device"])]
    return (not device["open"], not device["silent"], strange, name)


def _grave(incident: Told) -> tuple[int, float]:
    grade = ("critical", "major", "minor").index(incident["grade"]) if incident["what"] == "anomaly" else 1
    return grade, -(incident["severity"] or 0.0)
