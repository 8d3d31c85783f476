"""What is answered to readings that came as JSON: what ``tocsin score`` writes of a file, one object a reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin.engine.scored import Scored
from tocsin.service.stamps import stamps


def told(scored: Scored, *, name: str, version: int, shares: bool) -> dict[str, Any]:
    """Return the verdicts and incidents of some readings as plain values; what is not known is NaN or None.

    Parameters
    ----------
    scored
        The readings, scored.
    name, version
        Of the artifact.
    shares
        Tell each channel's share of each score?
    """
    table, own = scored.table, scored.columns()
    rows = table.cadence.row_clock
    verdicts = {
        "device": [table.devices[k] for k in table.readings.device.tolist()],
        "time": stamps(table.readings.time, rows=rows),
        **{name: column.tolist() for name, column in own.items()},
    }
    if shares:
        verdicts["shares"] = _shares(scored)
    return {
        "artifact": name,
        "version": version,
        "row_clock": rows,
        "verdicts": _rows(verdicts),
        "incidents": _rows(_incidents(scored)) if scored.incidents or scored.held else [],
    }


def _rows(columns: dict[str, Sequence[Any]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _shares(scored: Scored) -> list[dict[str, float] | None]:
    names = scored.table.readings.schema.names
    return [
        dict(zip(names, row, strict=True)) if row[0] == row[0] else None  # NaN, where there is no score, is not itself
        for row in scored.verdicts.by_channel.tolist()
    ]


def _incidents(scored: Scored) -> dict[str, Sequence[Any]]:
    columns = {name: column.tolist() for name, column in scored.incident_columns().items()}
    if scored.table.cadence.row_clock:
        for name in ("start", "peak", "end"):
            columns[name] = [int(text) for text in columns[name]]
    return columns
