"""Verdicts as clients of Azure's Anomaly Detector read them: a row for each time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.portions import portions
from tocsin.core.relations import Relations, followed
from tocsin.core.strangeness import excess, strangeness
from tocsin.core.verdicts import Status
from tocsin.engine.scored import Scored
from tocsin.service.azure.errors import HISTORY
from tocsin.service.stamps import stamps

_WHY = {
    Status.warming: "There are too few readings before this one to judge it.",
    Status.gap: "Readings before this one were missing for too long to judge it.",
}


def rows_of(scored: Scored, at: IntArray, *, window: int, most: int) -> Iterator[dict[str, Any]]:
    """Return a row for each of some readings, ready for JSON.

    ``isAnomaly`` is our verdict. ``score`` is :func:`tocsin.core.strangeness.strangeness`, above 0.5 for anomalies;
    ``severity`` is :func:`tocsin.core.strangeness.excess`, above 0 for them. A reading without a score has an error
    ``InsufficientHistoricalData`` instead.

    Parameters
    ----------
    scored
        What scoring found.
    at
        ndarray of shape (k,), int64: which readings.
    window
        Readings in a window.
    most
        So many variables are named as the cause.
    """
    verdicts = scored.verdicts.take(at)
    names, shares = scored.table.readings.schema.names, portions(verdicts.by_channel)
    score, severity = strangeness(verdicts.score, verdicts.limit), excess(verdicts.score, verdicts.limit)
    columns = zip(
        stamps(scored.table.readings.time[at], rows=False),
        verdicts.status.tolist(),
        verdicts.anomaly.tolist(),
        severity.tolist(),
        score.tolist(),
        strict=True,
    )
    for k, (time, status, anomaly, how_much, how_strange) in enumerate(columns):
        if status != Status.ok:
            yield {"timestamp": time, "errors": [_error(Status(status), window)]}
            continue
        causes = _causes(names, shares[k], scored.relations, most) if anomaly else []
        value = {"isAnomaly": anomaly, "severity": how_much, "score": how_strange, "interpretation": causes}
        yield {"timestamp": time, "value": value, "errors": []}


def _error(status: Status, window: int) -> dict[str, str]:
    why = _WHY.get(status, f"The reading has the status {status.name}.")
    return {"code": HISTORY, "message": f"{why} The sliding window holds {window}."}


def _causes(names: tuple[str, ...], parts: FloatArray, relations: Relations, most: int) -> list[dict[str, Any]]:
    """Return each variable's part, greatest first; none where the score cannot be taken apart."""
    return [
        {
            "variable": names[k],
            "contributionScore": float(parts[k]),
            "correlationChanges": {"changedVariables": [name for name, _ in followed(relations, names, k)]},
        }
        for k in np.argsort(-parts, kind="stable")[:most].tolist()
        if parts[k] > 0
    ]
