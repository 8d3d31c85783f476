"""How a file is read, in one document: what each column is, what is odd, and what would put it right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.errors import TocsinError
from tocsin.service.analyses.analysis import Analysis
from tocsin.service.analyses.fixing import fixes_for_finding, fixes_for_layout, trouble_of
from tocsin.service.analyses.preview import columns_of, preview_of, raw_preview
from tocsin.service.stamps import stamps
from tocsin.sources import Layout, Overrides, Table

MOST_DEVICES = 500


def reading_of(analysis: Analysis) -> dict[str, Any]:
    """Return how a file is read, as plain values; a file that cannot be read says why, and shows what it holds."""
    return analysis.told(lambda: _reading(analysis))


def _reading(analysis: Analysis) -> dict[str, Any]:
    told = {
        "id": analysis.id,
        "name": analysis.name,
        "bytes": analysis.path.stat().st_size,
        "overrides": overrides_of(analysis.overrides),
    }
    try:
        table = analysis.table()
    except TocsinError as error:
        return {**told, **_unreadable(analysis, error)}
    return {**told, **_readable(table, analysis.overrides), **_seen(analysis)}


def overrides_of(overrides: Overrides) -> dict[str, Any]:
    """Return what is not left to the guess, as plain values."""
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(overrides).items()
        if value is not None
    }


def _unreadable(analysis: Analysis, error: TocsinError) -> dict[str, Any]:
    return {
        "state": "unreadable",
        "problem": trouble_of(error, analysis.overrides),
        "layout": None,
        "quality": None,
        "fixes": [],
        "device_names": [],
        **_seen(analysis),
    }


def _readable(table: Table, overrides: Overrides) -> dict[str, Any]:
    return {
        "state": "readable",
        "problem": None,
        "layout": _layout(table.layout),
        "quality": _quality(table, overrides),
        "fixes": fixes_for_layout(table.layout),
        "device_names": list(table.devices[:MOST_DEVICES]),
    }


def _seen(analysis: Analysis) -> dict[str, Any]:
    """Return columns and first rows, as far as the file can be split into any."""
    try:
        loaded = analysis.columns()
    except TocsinError:
        return {"columns": [], "preview": raw_preview(analysis.path)}
    return {"columns": columns_of(loaded), "preview": preview_of(loaded.columns)}


def _layout(layout: Layout) -> dict[str, Any]:
    return {
        "lines": list(layout.lines()),
        "time": list(layout.time),
        "time_format": layout.time_format,
        "timezone": layout.timezone,
        "device": layout.device,
        "label": layout.label,
        "long": None if layout.long is None else list(layout.long),
        "channels": [{"name": channel.name, "unit": channel.unit} for channel in layout.channels],
        "excluded": [list(pair) for pair in layout.excluded],
        "sentinels": [list(pair) for pair in layout.sentinels],
        "notes": list(layout.notes),
        "separator": layout.separator,
        "decimal": layout.decimal,
        "encoding": layout.encoding,
    }


def _quality(table: Table, overrides: Overrides) -> dict[str, Any]:
    own, rows = table.quality, table.cadence.row_clock
    known = table.readings.time[table.readings.time != NEVER]
    start, end = stamps(np.array([known.min(), known.max()]), rows=rows) if len(known) else (None, None)
    return {
        "rows": own.rows,
        "devices": own.devices,
        "start": start,
        "end": end,
        "cadence": own.cadence.text(),
        "row_clock": rows,
        "lines": list(own.lines()),
        "findings": [
            {**asdict(finding), "fixes": fixes_for_finding(finding, table, overrides)} for finding in own.findings
        ],
    }
