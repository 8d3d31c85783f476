"""From a scored table with labels to the outcome that metrics judge."""

from __future__ import annotations

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.engine.reporting import kinds_of
from tocsin.engine.scored import Scored
from tocsin.evaluation.outcome import Outcome


def outcome_of(scored: Scored, *, judged: BoolArray | None = None) -> Outcome:
    """Return what was said of the readings of a table, beside their labels.

    Parameters
    ----------
    scored
        The scored table, in order of time within each device.
    judged
        ndarray of shape (readings,), bool: which readings count; None for all.

    Raises
    ------
    InputError
        If the table has no labels.
    """
    table, verdicts = scored.table, scored.verdicts
    if table.labels is None:
        raise InputError("The readings have no labels.", remedy="Name the label column with --label.")
    kind, size = kinds_of(table) or (None, None)
    whole = Outcome(
        labels=table.labels,
        score=verdicts.score,
        anomaly=verdicts.anomaly,
        told=verdicts.told,
        limit=verdicts.limit,
        time=table.readings.time,
        device=table.readings.device,
        row_clock=table.cadence.row_clock,
        kind=kind,
        size=size,
    )
    return whole if judged is None else whole.take(judged)
