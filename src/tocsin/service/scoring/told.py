"""What is answered to readings that came as JSON: what ``tocsin score`` writes of a file, one object a reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.notices import rfc3339
from tocsin.engine.scored import Scored

_UNITS = (("s", 10**9), ("ms", 10**6))


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
        "time": table.readings.time.tolist() if rows else stamps(table.readings.time),
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


def stamps(time: IntArray) -> list[str]:
    """Return times in ns as RFC 3339 in UTC, with as many digits as they need.

    >>> stamps(np.array([0, 1_500_000_000])), stamps(np.array([1]))
    (['1970-01-01T00:00:00.000Z', '1970-01-01T00:00:01.500Z'], ['1970-01-01T00:00:00.000000001Z'])
    """
    for unit, ns in _UNITS:
        if not (time % ns).any():
            texts = np.datetime_as_string(time.astype("datetime64[ns]"), unit=unit)  # type: ignore[call-overload]  # a unit
            return [f"{text}Z" for text in texts.tolist()]
    return [rfc3339(one) for one in time.tolist()]


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
