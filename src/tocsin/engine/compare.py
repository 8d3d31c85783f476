"""Where a table differs from the one that an artifact was trained on, in sentences that a reader must know first."""

from __future__ import annotations

from tocsin.artifact.artifact import Artifact
from tocsin.sources import Cadence, Table

_TOLERATED = 1.5
"""Times the artifact's period, or a part of it, that readings may be apart without a word."""


def notes_of(table: Table, artifact: Artifact) -> tuple[str, ...]:
    """Return what someone who scores ``table`` must know, or nothing where it is as in training."""
    own, period = table.cadence, artifact.clock.period_ns
    if own.row_clock or artifact.provenance.row_clock or own.period_ns <= 1:
        return ()
    slower = own.period_ns > _TOLERATED * period
    if artifact.clock.align:
        consequence = "many of its bins would be empty"
        differs = slower
    else:
        consequence = "its windows would cover another time"
        differs = slower or period > _TOLERATED * own.period_ns
    trained = Cadence(period, regular=True).text()
    told = f"The table's readings come {own.text()}, the artifact was trained on {trained}: {consequence}."
    return (told,) if differs else ()
