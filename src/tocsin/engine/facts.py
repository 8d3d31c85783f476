"""Figures by name, of a scored table and of an artifact: what the command line, the service and its pages all tell."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.schema import Schema
from tocsin.core.verdicts import Status
from tocsin.engine.reporting import metrics_of, threshold_of
from tocsin.engine.scored import Scored

MANY_LATE = 0.05
"""A share of late readings that hints at a file out of order."""


def score_facts(scored: Scored) -> dict[str, Any]:
    """Return the figures of a scored table by name."""
    verdicts = scored.verdicts
    counts = np.bincount(verdicts.status, minlength=len(Status))
    facts: dict[str, Any] = {
        "rows": len(verdicts),
        "status": {status.name: int(counts[status]) for status in Status if counts[status]},
        "anomalous": int(verdicts.anomaly.sum()),
        "incidents": len(scored.incidents),
        **({"groups": len(set(scored.groups_of(scored.incidents)))} if scored.together else {}),
        **({"held_back": len(scored.held)} if scored.held else {}),
    }
    found = metrics_of(scored)
    if found is not None:
        facts |= {name: _rounded(getattr(found, name)) for name in ("precision", "recall", "f1")}
        facts["left_out"] = found.left_out
    return facts


def late_share(scored: Scored) -> float:
    """Return the share of readings that came late."""
    return float(np.mean(scored.verdicts.status == Status.late)) if len(scored.verdicts) else 0.0


def artifact_facts(artifact: Artifact) -> dict[str, Any]:
    """Return what someone who has just trained wants to know; numbers stay numbers."""
    own = artifact.provenance
    return {
        "detector": own.detector,
        "channels": channel_line(artifact.schema),
        "windows": own.windows,
        **({"chosen": list(own.why)} if own.why else {}),
        **threshold_of(artifact),
        "limit": getattr(artifact.calibration.limits, "limit", "moving"),
        **({"said": list(artifact.calibration.said)} if artifact.calibration.said else {}),
    }


def channel_line(schema: Schema) -> str:
    """Return the channels with their units in one line."""
    return ", ".join(channel.label for channel in schema.channels)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
