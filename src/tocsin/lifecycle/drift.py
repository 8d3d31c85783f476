"""Drift at a glance: whether scores of late still lie as those did that the limit was found from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.notices import rfc3339
from tocsin.lifecycle.recent import Recent

SOME, MUCH = 0.1, 0.25
"""From where on a PSI is some drift, and much."""
NOISE = 0.1
"""Where chance alone would bring so great a PSI on average, nothing is said of it."""
BINS = 10

Level = Literal["none", "some", "much", "unknown"]


@dataclass(frozen=True, eq=False)
class Drift:
    """How scores of late lie beside those that the limit was found from.

    Parameters
    ----------
    judged
        Scores of late that were looked at.
    since, until
        Their first and last time, in ns or row numbers; None where there are none.
    psi
        Population stability index; None where there is too little to tell.
    level
        "none" below 0.1, "some" below 0.25, else "much"; "unknown" where there is too little to tell.
    flagged
        Share of the readings above their limit; None where there are none.
    promised
        Share of the scores above it that the limit was found from; None where the limit moves.
    edges
        ndarray of shape (bins + 1,), float64: of score; none where nothing is compared.
    reference, recent
        ndarrays of shape (bins,), float64: share in each bin.
    row_clock
        Are times row numbers?
    """

    judged: int
    since: int | None
    until: int | None
    psi: float | None
    level: Level
    flagged: float | None
    promised: float | None
    edges: FloatArray
    reference: FloatArray
    recent: FloatArray
    row_clock: bool = False

    def text(self) -> str:
        """Return it as a sentence or two for people."""
        if self.level == "unknown":
            return f"Too few scores to compare: {self.judged:,} of late. A day's readings are enough as a rule."
        said = {
            "none": "lie as they did when the limit was found: no drift to be seen",
            "some": "lie somewhat otherwise than when the limit was found: look at it again soon",
            "much": "lie elsewhere than when the limit was found: see what has changed, then recalibrate or train anew",
        }[self.level]
        return f"The scores of late {said} (PSI {self.psi:.2f}). {self._shares()}"

    def document(self) -> dict[str, Any]:
        """Return it as plain values for JSON."""
        shown = (lambda time: time) if self.row_clock else rfc3339
        return {
            "judged": self.judged,
            "since": None if self.since is None else shown(self.since),
            "until": None if self.until is None else shown(self.until),
            "psi": self.psi,
            "level": self.level,
            "flagged": self.flagged,
            "promised": self.promised,
            "text": self.text(),
            "histogram": {
                "edges": self.edges.tolist(),
                "reference": self.reference.tolist(),
                "recent": self.recent.tolist(),
            },
        }

    def _shares(self) -> str:
        then = "" if self.promised is None else f", then {_percent(self.promised)}"
        return "" if self.flagged is None else f"Above the limit are {_percent(self.flagged)} of the readings{then}."


def drift(artifact: Artifact, recent: Recent) -> Drift:
    """Compare scores of late with those that an artifact's limit was found from.

    The population stability index is the sum over bins of (q - p) ln(q / p), p the shares then and q those of late
    (N. Siddiqi, Credit Risk Scorecards, 2006, chapter 8, with its bands at 0.1 and 0.25). Bins hold a tenth each of the
    scores then; half a score is added to each, so that an empty one makes no infinity. Without any drift chance brings
    (bins - 1)(1/n + 1/m) on average (B. Yurdakul, 2018); where that is above 0.1, the level is "unknown".

    It is a glance and no test: scores of neighbouring windows resemble each other, and seasons look like drift.

    Parameters
    ----------
    artifact
        What judges.
    recent
        Its scores of late.
    """
    then, limit = artifact.evidence.score, getattr(artifact.calibration.limits, "limit", None)
    then = then[np.isfinite(then)]
    known = then if len(then) and len(recent) else np.zeros(0)
    edges, bounds = _bins(known, recent.score)
    p = _shares(known, np.ones(len(known)), bounds)
    q = _shares(recent.score if len(known) else known, recent.weight if len(known) else known, bounds)
    psi = _psi(p, q, float(len(known)), recent.effective)
    above = recent.score > recent.limit
    return Drift(
        judged=len(recent),
        since=int(recent.time.min()) if len(recent) else None,
        until=int(recent.time.max()) if len(recent) else None,
        psi=psi,
        level=_level(psi),
        flagged=float(recent.weight[above].sum() / recent.weight.sum()) if len(recent) else None,
        promised=None if limit is None or not len(then) else float((then > float(limit)).mean()),
        edges=edges,
        reference=p,
        recent=q,
        row_clock=artifact.provenance.row_clock,
    )


def _bins(then: FloatArray, recent: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return edges as they are shown, and the inner ones; each bin holds a tenth of the scores then."""
    if not len(then):
        return np.zeros(0), np.zeros(0)
    inner = np.unique(np.quantile(then, np.linspace(0, 1, BINS + 1)[1:-1]))
    low, high = (float(edge(then)) for edge in (np.min, np.max))
    ends = min(low, float(recent.min())), max(high, float(recent.max()))
    return np.concatenate([[ends[0]], inner, [ends[1]]]), inner


def _shares(score: FloatArray, weight: FloatArray, bounds: FloatArray) -> FloatArray:
    if not len(score):
        return np.zeros(0)
    found = np.bincount(np.searchsorted(bounds, score, side="left"), weight, minlength=len(bounds) + 1)
    return np.asarray(found / found.sum())


def _psi(p: FloatArray, q: FloatArray, then: float, late: float) -> float | None:
    if not len(p) or (len(p) - 1) * (1 / max(then, 1e-9) + 1 / max(late, 1e-9)) > NOISE:
        return None
    own, other = (p * then + 0.5) / (then + 0.5 * len(p)), (q * late + 0.5) / (late + 0.5 * len(q))
    return float(np.sum((other - own) * np.log(other / own)))


def _level(psi: float | None) -> Level:
    if psi is None:
        return "unknown"
    return "none" if psi < SOME else "some" if psi < MUCH else "much"


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
