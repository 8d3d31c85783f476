"""What the page says of incidents and times, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

Told = dict[str, Any]

_TELLING: Final = 0.1
"""A share of an incident that is worth a word."""


def when(moment: Any) -> str:
    """Return a moment as people write it; a row's number stays one.

    >>> when("2026-03-01T08:00:00Z"), when("2026-03-01T08:00:05.25Z"), when(17)
    ('2026-03-01 08:00', '2026-03-01 08:00:05', 'row 17')
    """
    if not isinstance(moment, str):
        return "–" if moment is None else f"row {moment:,}"
    text = moment.removesuffix("Z").replace("T", " ").partition(".")[0]
    return text.removesuffix(":00") if text.count(":") == 2 else text


def headline(summary: Told) -> str:
    """Return what was found, in a sentence."""
    facts, incidents = summary["facts"], summary["incidents"]
    rows, devices = f"{facts['rows']:,} readings", len(summary["devices"])
    where = rows if devices < 2 else f"{rows} of {devices:,} devices"
    if not facts["incidents"]:
        odd = facts["anomalous"]
        return f"Nothing rang in {where}." + (f" {odd:,} single readings were above the limit." if odd else "")
    worst = max(incidents, key=lambda incident: incident["severity"] or 0.0)
    count = "Once" if facts["incidents"] == 1 else f"{facts['incidents']:,} times"
    of = f" on {worst['device']}" if devices > 1 else ""
    return f"{count} something was wrong in {where}. Worst{of}: {when(worst['start'])}, {worst['cause']}."


def against(incident: Told, units: dict[str, str], *, most: int = 2) -> str:
    """Return what came against what was expected at the peak, for the channels that did most.

    >>> incident = {"shares": {"a": 0.2, "b": 0.8}, "expected": {"b": [20.0, 31.25], "a": [1.0, None]}}
    >>> against(incident, {"b": "°C"})
    'b was 31.25 °C, expected 20 °C'
    """
    order = sorted(incident["shares"], key=lambda name: -incident["shares"][name])[:most]
    order = [name for name in order if incident["shares"][name] >= _TELLING]
    told = [
        _against(name, incident["expected"][name], units.get(name, ""))
        for name in order
        if name in incident["expected"]
    ]
    return "; ".join(filter(None, told))


def _against(name: str, pair: Sequence[float | None], unit: str) -> str:
    expected, actual = pair
    own = f" {unit}" if unit else ""
    if actual is None:
        return ""
    return f"{name} was {actual:.4g}{own}" + ("" if expected is None else f", expected {expected:.4g}{own}")


def around(start: Any, end: Any) -> tuple[Any, Any]:
    """Return an incident's ends with as much again on both sides, at least 20 rows or 10 minutes.

    >>> around(100, 110)
    (80, 130)
    >>> around("2026-03-01T08:00:00Z", "2026-03-01T09:00:00Z")
    ('2026-03-01T07:00:00', '2026-03-01T10:00:00')
    """
    if not isinstance(start, str):
        wide = max(end - start, 20)
        return start - wide, end + wide
    from datetime import datetime, timedelta

    first, last = (datetime.fromisoformat(moment.removesuffix("Z")) for moment in (start, end))
    wide_time = max(last - first, timedelta(minutes=10))
    return (first - wide_time).isoformat(), (last + wide_time).isoformat()


def grade(incident: Told) -> str:
    """Return how bad an incident is: the word, and how far above the limit.

    >>> grade({"grade": "major", "severity": 1.79})
    'major, 1.8 × the limit'
    """
    severity = incident["severity"]
    return str(incident["grade"]) + ("" if severity is None else f", {severity:.2g} × the limit")


def gravest(incidents: Sequence[Told]) -> list[Told]:
    """Return incidents, the gravest first."""
    return sorted(incidents, key=lambda incident: -(incident["severity"] or 0.0))
