"""A cascade's rehearsal in words: as a sentence, as a table, as JSON and as the page that people open."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from tocsin.cascade.rehearsal import MARGIN
from tocsin.cascade.rehearsed import CascadeRehearsal, Step
from tocsin.engine.forward import Forward
from tocsin.evaluation.pages.cascade_report import CascadeReport
from tocsin.sources import Table

HEADS = ("level", "readings", "bytes", "saved", "missed", "later by", "incidents lost", "added", "same")
"""Columns of the table of levels."""


def headline(found: CascadeRehearsal) -> str:
    """Return the outcome at the level that was asked for, in a sentence or two."""
    step = found.chosen
    missed = f"{len(step.missed):,} of {len(found.events):,} events missed"
    if not step.missed:
        missed = f"none of {len(found.events):,} events missed" if found.events else "there was no event to miss"
    best = found.recommended
    advice = "" if best is None else f" Recommended is the level {best:g}."
    return f"At the level {found.asked:g}, {_percent(found.saved(step))} of the bytes are saved; {missed}.{advice}"


def rows(found: CascadeRehearsal) -> list[list[str]]:
    """Return a line of the table for each level, as texts."""
    return [
        [
            f"{step.level:g}",
            f"{step.forwarded:,}",
            _bytes(step.sent),
            _percent(found.saved(step)),
            f"{len(step.missed):,} of {len(found.events):,}",
            _later(step, row_clock=found.row_clock),
            f"{step.lost:,} of {found.incidents:,}",
            f"{step.added:,}",
            f"{step.same:,}",
        ]
        for step in found.steps
    ]


def notes(found: CascadeRehearsal) -> list[tuple[str, str]]:
    """Return what to know before trusting it: a level and a sentence each."""
    told = []
    if not found.labelled:
        told.append(("info", "There are no labels: the centre's own incidents on all readings count as events."))
    if found.left:
        told.append(
            ("info", f"{found.left:,} labelled events are missed by the centre alone, too; no cascade finds them.")
        )
    if not found.events:
        told.append(("warning", "The centre finds no event in these readings, so nothing is shown of what is missed."))
    elif found.recommended is None:
        told.append(
            ("warning", "No level is without a missed event and with room to spare: use another edge artifact.")
        )
    else:
        weakest = min(event.heat for event in found.events)
        room = f"the weakest event scores {weakest:.2f} times the limit at the edge"
        told.append(("info", f"The recommended level leaves a margin of {MARGIN:g}: {room}."))
    for event in found.chosen.missed[:5]:
        told.append(
            ("warning", f"Missed: {event.device}, which scores {event.heat:.2f} times the limit at the edge at most.")
        )
    return told


def facts(found: CascadeRehearsal, law: Forward, *, files: tuple[str, str, str], gather: str) -> dict[str, str]:
    """Return how it was rehearsed, as text by name."""
    what = "labelled" if found.labelled else "the centre's incidents on all readings"
    return {
        "edge": files[0],
        "centre": files[1],
        "readings": f"{files[2]}, {found.readings:,} readings, {_bytes(found.raw)} as a flat object of JSON each",
        "events": f"{len(found.events):,} that the centre alone finds ({what})",
        "context": f"{law.before:,} readings before, {law.after:,} after what is above the level",
        "messages": f"gather for {gather}, compressed, exact to the last bit",
    }


def document(found: CascadeRehearsal) -> dict[str, Any]:
    """Return it as plain values for JSON."""
    return {
        "readings": found.readings,
        "raw_bytes": found.raw,
        "labelled": found.labelled,
        "events": [asdict(event) for event in found.events],
        "events_left": found.left,
        "incidents": found.incidents,
        "asked": found.asked,
        "recommended": found.recommended,
        "levels": [{**asdict(step), "saved": found.saved(step)} for step in found.steps],
        "notes": [text for _, text in notes(found)],
    }


def page(found: CascadeRehearsal, table: Table, *, facts: dict[str, str], title: str) -> CascadeReport:
    """Return what the page tells.

    Parameters
    ----------
    found
        What came of it.
    table
        The readings.
    facts
        As :func:`facts` returns them.
    title
        What was rehearsed.
    """
    step = found.chosen
    events = max(len(found.events), 1)
    return CascadeReport(
        title=title,
        tone="alarm" if step.missed or not found.events else "calm",
        headline=f"{_percent(found.saved(step))} of the bytes saved, {_missed(found, step)}",
        detail=headline(found),
        cards=_cards(found, step),
        notes=notes(found),
        heads=HEADS,
        rows=rows(found),
        marked=found.steps.index(step),
        levels=np.array([own.level for own in found.steps]),
        saved=np.array([found.saved(own) for own in found.steps]),
        missed=np.array([len(own.missed) / events for own in found.steps]),
        asked=found.asked,
        best=found.recommended,
        devices=table.devices,
        device=table.readings.device,
        time=table.readings.time,
        heat=found.heat,
        forwarded=found.forwarded,
        told=found.told,
        labels=found.labels,
        row_clock=found.row_clock,
        facts=facts,
    )


def _cards(found: CascadeRehearsal, step: Step) -> list[tuple[str, str, str]]:
    best = found.recommended
    return [
        ("Bytes saved", _percent(found.saved(step)), f"{_bytes(step.sent)} of {_bytes(found.raw)}"),
        ("Readings sent", _percent(step.forwarded / found.readings), f"{step.forwarded:,} of {found.readings:,}"),
        ("Events missed", f"{len(step.missed):,} of {len(found.events):,}", "that the centre alone finds"),
        ("Told later by", _later(step, row_clock=found.row_clock), "at most, than by the centre alone"),
        ("Level asked", f"{found.asked:g}", "of the edge's limit"),
        ("Level recommended", "none" if best is None else f"{best:g}", f"nothing missed, margin {MARGIN:g}"),
    ]


def _missed(found: CascadeRehearsal, step: Step) -> str:
    if not found.events:
        return "and no event to miss"
    return f"{len(step.missed):,} of {len(found.events):,} events missed" if step.missed else "no event missed"


def _later(step: Step, *, row_clock: bool) -> str:
    """Return by how much later an event was told, at most.

    >>> _later(Step(0.5, 1, 1, (), (0, 90_000_000_000), 0, 0, 0), row_clock=False)
    '1 min 30 s'
    """
    most = max(step.later, default=0)
    if most <= 0:
        return "nothing"
    if row_clock:
        return f"{most:,} rows"
    seconds = most / 1e9
    return f"{seconds:.3g} s" if seconds < 60 else f"{int(seconds // 60)} min {int(seconds % 60)} s"


def _percent(share: float) -> str:
    text = f"{100 * share:.1f}" if abs(share) < 0.9995 or share == 1 else ">99.9"
    return f"{text} %"


def _bytes(number: float) -> str:
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.3g} {unit}"
        number /= 1000
    return f"{number:.3g} GB"
