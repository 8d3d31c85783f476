"""How good scores and alarms were on a labelled file: the figures of ``tocsin evaluate``, and its curves."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tocsin.engine.outcomes import outcome_of
from tocsin.evaluation.judgement import judge
from tocsin.evaluation.judgement.cautions import cautions
from tocsin.evaluation.judgement.explained import explained
from tocsin.evaluation.metrics import precision_recall_curve, roc_curve
from tocsin.evaluation.outcome import Outcome
from tocsin.service.analyses.judged import Judged
from tocsin.training.evidence import learned_from


def evaluation_of(found: Judged, *, intervals: bool) -> dict[str, Any]:
    """Return figures by name, the same in words, warnings, and the curves over all limits.

    Raises
    ------
    InputError
        If the file has no labels.
    """
    table = found.scored.table
    ordered = outcome_of(found.scored)
    outcome = ordered.take(_in_order(ordered))
    judgement = judge(outcome, intervals=intervals)
    return {
        "label": table.layout.label,
        **judgement.as_dict(),
        "groups": [asdict(group) for group in explained(judgement)],
        "cautions": [*_known_to_it(found), *cautions(judgement)],
        "curves": _curves(outcome),
    }


def _known_to_it(found: Judged) -> list[str]:
    """Say so where the detector seems to have learned from this very file."""
    told = learned_from(found.artifact, found.history, found.history.normal)
    return [f"{told}, and every figure looks better than it is: judge it by later ones."] if told else []


def _in_order(outcome: Outcome) -> Any:
    """Return the readings by device and time, as figures of events need them."""
    import numpy as np

    return np.lexsort((outcome.time, outcome.device))


def _curves(outcome: Outcome) -> dict[str, Any]:
    scored = outcome.take(outcome.scored)
    curves = {"roc": roc_curve, "precision_recall": precision_recall_curve}
    found = {name: curve(scored.labels, scored.score) for name, curve in curves.items()}
    return {
        name: None if curve is None else {"x": curve.x.tolist(), "y": curve.y.tolist(), "limit": curve.limit.tolist()}
        for name, curve in found.items()
    }
