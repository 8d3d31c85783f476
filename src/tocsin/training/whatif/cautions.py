"""What a reader must know before believing what other limits would have made of a history."""

from __future__ import annotations

from tocsin.training.whatif._counting import COVERED
from tocsin.training.whatif.study import WhatIf

FEW = 10
"""Labelled events below which one more or less changes much."""


def cautions(found: WhatIf) -> list[str]:
    """Return warnings in whole sentences; none where the figures can be taken as they are."""
    told = []
    if found.needed > 1:
        told.append(
            f"{found.lasting} are too little to show that {found.budget} is kept: even with none in it, there may be "
            f"{_short(found.most(0))} {found.unit} (9 times in 10 it is less). "
            f"It takes {_short(found.needed)} times as much."
        )
    if not found.labelled:
        told.append(
            "The history has no labels: some incidents may be real. Mark what was wrong in a column of labels to know."
        )
    elif (events := found.in_force.events or 0) < FEW:
        labelled = "1 event is" if events == 1 else f"{events} events are"
        told.append(f"Only {labelled} labelled: one more or less changes much.")
    if found.in_force.covered > COVERED:
        told.append(
            f"In force, alarms cover {found.in_force.covered:.0%} of the normal readings".replace("%", " %")
            + ": one endless alarm counts once and catches every event, so that it is never taken to keep a budget."
        )
    if found.moving:
        told.append("The limit moves: multiples of it are tried, while it moves as it did.")
    return told


def _short(value: float) -> str:
    """Return a figure with two digits that count, which is all that so few alarms and events can tell."""
    return f"{value:.2g}" if value < 99.5 else f"{value:,.0f}"
