"""What scoring made of a file, in one document: figures, incidents with expected against actual, devices."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.alerts import Incident, grade
from tocsin.engine.compare import notes_of
from tocsin.engine.facts import MANY_LATE, late_share, score_facts
from tocsin.engine.reporting import metrics_of, threshold_of
from tocsin.service.stamps import stamps

if TYPE_CHECKING:
    from tocsin.service.analyses.judged import Judged

MOST_INCIDENTS = 2_000
"""Incidents that are told one by one: the worst; ``incidents.csv`` holds all."""

MOST_DEVICES = 2_000


def summary_of(found: Judged) -> dict[str, Any]:
    """Return the summary of a scored file, as plain values."""
    scored, artifact = found.scored, found.artifact
    facts, metrics = score_facts(scored), metrics_of(scored)
    limits = artifact.calibration.limits
    return {
        "sorted": found.sort,
        "row_clock": scored.table.cadence.row_clock,
        "facts": facts,
        "statuses": facts["status"],
        "notes": list(notes_of(scored.table, artifact)),
        "warnings": list(_warnings(found)),
        "threshold": threshold_of(artifact)["threshold"],
        "limit": getattr(limits, "limit", None),
        "detector": artifact.provenance.detector,
        "window": artifact.window,
        "channels": _channels(found),
        "labelled": scored.table.labels is not None,
        "metrics": None if metrics is None else asdict(metrics),
        "incidents": _incidents(found),
        "devices": _devices(found),
    }


def _warnings(found: Judged) -> Iterator[str]:
    findings = found.scored.table.quality.findings
    yield from (finding.text for finding in findings if finding.level == "warning")
    if taken := found.scored.taken():
        yield (
            f"The input already has a column named {', '.join(taken)}. "
            "Rename or remove it to take the labelled table home; all else is there."
        )
    if not found.sort and (late := late_share(found.scored)) > MANY_LATE:
        yield f"{late:.0%} of the rows came late, after their time was closed. If the file is out of order: sort it."


def _channels(found: Judged) -> list[dict[str, Any]]:
    artifact = found.artifact
    usual = artifact.reference.tolist() or [math.nan] * len(artifact.schema)
    pairs = zip(artifact.schema.channels, usual, strict=True)
    return [{"name": channel.name, "unit": channel.unit, "usual": value} for channel, value in pairs]


def _incidents(found: Judged) -> list[dict[str, Any]]:
    """Return the incidents in order of start, those held back among them; the worst where there are too many."""
    every = (*found.scored.incidents, *found.scored.held)
    worst = sorted(every, key=lambda one: -one.severity)[:MOST_INCIDENTS]
    return [_incident(found, one) for one in sorted(worst, key=lambda one: (one.start, one.device))]


def _incident(found: Judged, one: Incident) -> dict[str, Any]:
    scored, names = found.scored, found.artifact.schema.names
    start, peak, end = stamps(np.array([one.start, one.peak, one.end]), rows=scored.table.cadence.row_clock)
    return {
        "incident_id": scored.id_of(one),
        "device": scored.table.devices[one.device],
        "start": start,
        "peak": peak,
        "end": end,
        "severity": one.severity,
        "grade": grade(one.severity, scored.grades),
        "cause": scored.cause_of(one.shares, outside=one.outside),
        "state": "held" if one.held else "open" if one.open else "closed",
        "shares": dict(zip(names, one.shares, strict=True)) if one.shares else {},
        "expected": found.expected_at(one),
    }


def _devices(found: Judged) -> list[dict[str, Any]]:
    """Return the devices, those with the worst incidents first."""
    scored = found.scored
    device, n = scored.table.readings.device, len(scored.table.devices)
    rows = np.bincount(device, minlength=n)
    anomalies = np.bincount(device[scored.verdicts.anomaly], minlength=n)
    told = np.bincount(np.array([one.device for one in scored.incidents], np.int64), minlength=n)
    return [
        {
            "name": scored.table.devices[k],
            "rows": int(rows[k]),
            "anomalies": int(anomalies[k]),
            "incidents": int(told[k]),
        }
        for k in found.devices[:MOST_DEVICES]
    ]
