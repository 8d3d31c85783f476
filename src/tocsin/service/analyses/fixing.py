"""Corrections a click away: what a button says, and which settings it changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.core.errors import TocsinError
from tocsin.sources import Finding, Layout, Overrides, Table


def trouble_of(error: TocsinError, overrides: Overrides = Overrides()) -> dict[str, Any]:  # noqa: B008  # frozen
    """Return what is wrong, what to do about it, and the same for a click, as the error itself knows."""
    fixes = [{"label": fix.label, "overrides": _merged(fix.settings, overrides)} for fix in error.fixes]
    return {"detail": error.message, "remedy": error.remedy, "fixes": fixes}


def _merged(settings: Mapping[str, Any], overrides: Overrides) -> dict[str, Any]:
    """Return settings as they would stand: what is excluded or missing comes to what is so already."""
    found = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
    for name in ("exclude", "missing"):
        if found.get(name):
            found[name] = [*(getattr(overrides, name) or ()), *found[name]]
    if overrides.channels is not None and found.get("exclude"):
        found["channels"] = [name for name in overrides.channels if name not in found["exclude"]]
    return found


def fixes_for_finding(finding: Finding, table: Table, overrides: Overrides) -> list[dict[str, Any]]:
    """Return what would put an oddity right; nothing where it can only be looked into."""
    out = {"label": f"Leave out column {finding.channel!r}", "overrides": _without(finding.channel, overrides)}
    match finding.topic:
        case "unordered":
            return [{"label": "Sort by time", "sort": True}]
        case "missing times":
            return [{"label": "Count rows instead of times", "overrides": {"time_format": "row"}}]
        case "unlabelled":
            return [{"label": "Go without labels", "overrides": {"label": ""}}]
        case "sentinel":
            return [*_sentinel(finding, table, overrides), out]
        case "constant" | "stuck" | "range" if table.layout.long is None and len(table.layout.channels) > 1:
            return [out]
    return []


def fixes_for_scored(scored: Layout, read: Layout) -> list[dict[str, Any]]:
    """Return columns that an artifact does not know of, but that would tell more of the file if they were named.

    Parameters
    ----------
    scored
        How the file was read for the artifact.
    read
        How it is read without one.
    """
    labels = {"label": f"Compare with the labels in column {read.label!r}", "overrides": {"label": read.label}}
    device = {"label": f"Tell devices apart by column {read.device!r}", "overrides": {"device": read.device}}
    return [
        *([labels] if read.label and scored.label is None else []),
        *([device] if read.device and scored.device is None else []),
    ]


def fixes_for_layout(layout: Layout) -> list[dict[str, Any]]:
    """Return what could have been meant as well."""
    form = layout.time_format
    for first, second in (("%d", "%m"), ("%m", "%d")):
        if form.startswith(first) and form[3:5] == second and any("either way" in note for note in layout.notes):
            other = second + form[2] + first + form[5:]
            order = "month before day" if second == "%m" else "day before month"
            return [{"label": f"Read dates {order}", "overrides": {"time_format": other, "time": list(layout.time)}}]
    return []


def _sentinel(finding: Finding, table: Table, overrides: Overrides) -> list[dict[str, Any]]:
    if overrides.keep_sentinels:
        return [{"label": "Take such values as missing", "overrides": {"keep_sentinels": None}}]
    values = [value for name, value in table.layout.sentinels if name == finding.channel]
    return [{"label": f"Keep {values[0]:g} as a value", "overrides": {"keep_sentinels": True}}] if values else []


def _without(channel: str | None, overrides: Overrides) -> dict[str, Any]:
    return _merged({"exclude": (channel,)}, overrides)
