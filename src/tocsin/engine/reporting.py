"""Gathering what a report tells: the scored table, what the artifact knows of itself, and the truth if there is one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.alerting.described import described
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.relations import followed
from tocsin.core.verdicts import Status
from tocsin.engine.compare import notes_of
from tocsin.engine.scored import Scored
from tocsin.evaluation.events import EventRecall, event_recall
from tocsin.evaluation.metrics.points import PointMetrics, point_metrics
from tocsin.evaluation.pages.report import Report
from tocsin.sources import Table

KIND, SIZE = "event", "event_size"
"""Columns that, where a table has them, tell what kind of event a labelled row belongs to, and its size in σ."""


def report_of(scored: Scored, artifact: Artifact, *, title: str) -> Report:
    """Return the report of a scored table."""
    table = scored.table
    return Report(
        title=title,
        schema=table.readings.schema,
        devices=table.devices,
        device=table.readings.device,
        time=table.readings.time,
        row_clock=table.cadence.row_clock,
        values=table.readings.values,
        verdicts=scored.verdicts,
        incidents=scored.incidents,
        held=scored.held,
        groups=tuple(scored.groups_of(scored.incidents)) if scored.together else (),
        grades=scored.grades,
        labels=table.labels,
        quality=[(finding.level, finding.text) for finding in table.quality.findings],
        settings=settings_of(artifact),
        provenance=provenance_of(artifact),
        threshold=threshold_of(artifact),
        curves=artifact.provenance.curves,
        why=artifact.provenance.why,
        relations=artifact.relations,
        metrics=metrics_of(scored),
        recall_by_kind=recall_of(scored),
        notes=notes_of(table, artifact),
        band=band_of(artifact),
    )


def band_of(artifact: Artifact) -> FloatArray:
    """Return how far normal readings stray from what is expected; NaN for counters, of which a rate is expected."""
    band = artifact.band.copy()
    if len(band):
        band[list(artifact.counters.which)] = np.nan
    return band


def metrics_of(scored: Scored) -> PointMetrics | None:
    """Return flags against labels, or None where the table has no labels."""
    if scored.table.labels is None:
        return None
    verdicts = scored.verdicts
    return point_metrics(scored.table.labels, verdicts.anomaly, scored=verdicts.status == Status.ok)


def recall_of(scored: Scored) -> tuple[EventRecall, ...] | None:
    """Return caught events by kind and size, or None where the table does not tell kinds."""
    told, labels = kinds_of(scored.table), scored.table.labels
    if labels is None or told is None:
        return None
    return event_recall(
        labels,
        scored.verdicts.anomaly,
        scored=scored.verdicts.status == Status.ok,
        kind=told[0],
        size=told[1],
        device=scored.table.readings.device,
    )


def kinds_of(table: Table) -> tuple[npt.NDArray[np.str_], FloatArray | None] | None:
    """Return the kind ("" for none) and size of the event at each reading; None where the table does not tell kinds."""
    columns = table.columns
    if KIND not in columns.columns:
        return None
    first = _first_row(table)
    kind = np.array([text or "" for text in columns[KIND].to_list()], np.str_)[first]
    return kind, _numbers(columns[SIZE].to_list())[first] if SIZE in columns.columns else None


def _first_row(table: Table) -> IntArray:
    """Return an input row of each reading; the columns are in the file's order, the readings need not be."""
    row = np.zeros(len(table), np.int64)
    held = np.flatnonzero(table.reading >= 0)
    row[table.reading[held]] = held
    return row


def settings_of(artifact: Artifact) -> dict[str, str]:
    """Return what was chosen, as text by name."""
    own = artifact.provenance
    clock = f"bins of {_seconds(artifact.clock.period_ns)}" if artifact.clock.align else "off, each reading by itself"
    return {
        "detector": own.detector,
        "window": f"{artifact.window} readings",
        "scale": own.scale,
        **({"prepare": " ".join(own.prepare)} if own.prepare else {}),
        **({"kinds": kinds_text(artifact)} if artifact.kinds else {}),
        "clock": "row number" if own.row_clock else clock,
        "hold": f"{artifact.clock.hold} periods",
        **alarm_of(artifact),
        **own.settings,
    }


def alarm_of(artifact: Artifact) -> dict[str, str]:
    """Return when it rings, as text by name; what was not asked for is left out."""
    return described(artifact.policy, artifact.schema)


def kinds_text(artifact: Artifact) -> str:
    """Return which channels are no plain quantities."""
    told = zip(artifact.schema.names, artifact.kinds, strict=True)
    return ", ".join(f"{name}: {kind}" for name, kind in told if kind != "real")


def threshold_of(artifact: Artifact) -> dict[str, str]:
    """Return how the limit came about, as text by name."""
    found = artifact.calibration
    limit = getattr(found.limits, "limit", None)
    told = {
        "threshold": found.threshold,
        "limit": "moving" if limit is None else f"{limit:.6g}",
        "found from": (
            "no scores: it was stated" if found.reference == "stated" else f"{found.scores} {found.reference} scores"
        ),
    }
    return told | ({"warning": " ".join(found.warnings)} if found.warnings else {})


def relations_of(artifact: Artifact) -> dict[str, str]:
    """Return whom each channel follows, as text by name; nothing where the detector does not tell."""
    names = artifact.schema.names
    told = {name: followed(artifact.relations, names, k) for k, name in enumerate(names)}
    return {
        name: "follows " + ", ".join(f"{other} {share:.0%}".replace("%", " %") for other, share in pairs)
        for name, pairs in told.items()
        if pairs
    }


def provenance_of(artifact: Artifact) -> dict[str, str]:
    """Return where the artifact comes from, as text by name."""
    own = artifact.provenance
    span = f"rows {own.start} to {own.end}" if own.row_clock else f"{_stamp(own.start)} to {_stamp(own.end)}"
    return {
        "trained on": f"{own.rows} readings of {own.devices} device{'s' if own.devices != 1 else ''}",
        "time span": span,
        "windows": ", ".join(f"{count} {name}" for name, count in own.windows.items() if count),
        "fingerprint": own.fingerprint[:16],
        "seed": str(own.seed),
        "versions": ", ".join(f"{name} {version}" for name, version in own.versions.items()),
    }


def _numbers(texts: list[Any]) -> npt.NDArray[np.float64]:
    return np.array([float(text) if text not in (None, "") else np.nan for text in texts])


def _stamp(time: int) -> str:
    return str(np.datetime_as_string(np.datetime64(time, "ns"), unit="s")) + "Z"


def _seconds(period_ns: int) -> str:
    return f"{period_ns / 1e9:g} s"
