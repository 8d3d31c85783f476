"""The rehearsal of a cascade on readings of the past: what it would have sent, and what that would have cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.cascade._posted import arrivals_of, sent_bytes
from tocsin.cascade.rehearsed import CascadeRehearsal, Event, Step
from tocsin.core.alerts import Incident
from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import InputError, SettingError
from tocsin.core.forwards import raw_bytes
from tocsin.core.progress import report
from tocsin.engine.forward import Forward
from tocsin.engine.scored import Scored
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Forwarding levels that are looked at, beside the one asked for."""
MARGIN = 1.25
"""The weakest event must score so many times the level that is recommended."""


def rehearse(
    edge: Artifact, centre: Artifact, table: Table, *, forward: Forward, gather_ns: int = 5 * 10**9
) -> CascadeRehearsal:
    """Let a cascade judge readings of the past, at several forwarding levels.

    The edge scores all of them; what its law forwards, and nothing else, is scored again by the centre's artifact, as
    a running centre would. That is held to what the centre's artifact tells of all readings.

    Parameters
    ----------
    edge, centre
        Artifacts that know the table's channels.
    table
        In order of time within each device; labels are used where there are any.
    forward
        The level that is asked for, and the context, which holds for all levels.
    gather_ns
        So long a message of the uplink gathers.

    Raises
    ------
    SettingError
        If the context cannot fill a window of the centre.
    InputError
        If there are no readings.
    """
    if not len(table):
        raise InputError("There are no readings.", remedy="Give a file that has some.")
    if forward.before < centre.window - 1:
        raise SettingError(
            f"{forward.before} readings of context do not fill the centre's window of {centre.window}.",
            remedy=f"Give --before {centre.window - 1 + centre.clock.hold} or more.",
        )
    return _Rehearsing(edge, centre, table, forward, gather_ns).done()


class _Rehearsing:
    """One rehearsal at work."""

    def __init__(self, edge: Artifact, centre: Artifact, table: Table, forward: Forward, gather_ns: int) -> None:
        self._table, self._forward, self._gather_ns = table, forward, gather_ns
        self._centre = Scorer(centre)
        small = Scorer(edge)
        self._small = small.judge(table).verdicts
        self._whole = self._centre.judge(table)
        self._arrivals: Arrivals = arrivals_of(table, period_ns=small.row_ns(table))
        self._heat = _heat(self._small.score, self._small.limit)
        self._labels = table.labels if table.labels is not None and table.labels.any() else self._whole.verdicts.told
        self._events, self._left = self._found_events()

    def done(self) -> CascadeRehearsal:
        levels = sorted({*LEVELS, self._forward.level})
        steps, shown = [], None
        for place, level in enumerate(levels):
            mask, scored, step = self._step(level)
            steps.append(step)
            if level == self._forward.level:
                shown = mask, scored
            report("rehearsing levels", place + 1, len(levels))
        assert shown is not None
        told = np.zeros(len(self._table), np.bool_)
        told[np.flatnonzero(shown[0])] = shown[1].verdicts.told
        return CascadeRehearsal(
            readings=len(self._table),
            raw=raw_bytes(self._arrivals),
            labelled=self._labels is self._table.labels,
            left=self._left,
            events=self._events,
            incidents=len(self._whole.incidents),
            steps=tuple(steps),
            asked=self._forward.level,
            recommended=_recommended(steps, self._events),
            heat=self._heat,
            forwarded=shown[0],
            told=told,
            labels=self._labels,
            row_clock=self._table.cadence.row_clock,
        )

    def _step(self, level: float) -> tuple[BoolArray, Scored, Step]:
        law = Forward(level=level, before=self._forward.before, after=self._forward.after)
        score, limit = self._small.score, self._small.limit
        mask = law.mask(score, limit, self._table.readings.device)
        scored = self._centre.judge(self._table.only(mask))
        sent = sent_bytes(self._arrivals, mask, law.hot(score, limit), forward=law, gather_ns=self._gather_ns)
        opened = [self._opened(scored, event) for event in self._events]
        pairs = list(zip(self._events, opened, strict=True))
        step = Step(
            level=level,
            forwarded=int(mask.sum()),
            sent=sent,
            missed=tuple(event for event, when in pairs if when is None),
            later=tuple(when - event.opened for event, when in pairs if when is not None),
            lost=_without(self._whole.incidents, scored.incidents),
            added=_without(scored.incidents, self._whole.incidents),
            same=_same(self._whole.incidents, scored.incidents),
        )
        return mask, scored, step

    def _found_events(self) -> tuple[tuple[Event, ...], int]:
        """Return the events that the centre alone finds, and how many it does not."""
        own, found = self._table.readings, []
        runs = _runs(self._labels, own.device)
        for rows in runs:
            name = self._table.devices[int(own.device[rows[0]])]
            heat = self._heat[rows]
            hottest = float(np.nanmax(heat)) if np.isfinite(heat).any() else 0.0
            event = Event(name, int(own.time[rows].min()), int(own.time[rows].max()), 0, hottest)
            if (opened := self._opened(self._whole, event)) is not None:
                found.append(Event(name, event.start, event.end, opened, hottest))
        return tuple(found), len(runs) - len(found)

    def _opened(self, scored: Scored, event: Event) -> int | None:
        """Return when an event was first told; None where it was not."""
        names = self._table.devices
        told = [
            max(own.opened, own.start)
            for own in scored.incidents
            if names[own.device] == event.device and own.start <= event.end and own.end >= event.start
        ]
        return min(told) if told else None


def _heat(score: FloatArray, limit: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(limit > 0, score / limit, np.where(limit < 0, 2 - score / limit, np.nan)))


def _runs(flags: BoolArray, device: IntArray) -> list[IntArray]:
    """Return the rows of each maximal run of flagged readings of one device."""
    order = np.argsort(device, kind="stable")
    own, whose = flags[order], device[order]
    cut = np.flatnonzero(np.concatenate([[True], (own[1:] != own[:-1]) | (whose[1:] != whose[:-1])]))
    return [rows for rows in np.split(order, cut[1:]) if flags[rows[0]]]


def _without(some: Sequence[Incident], others: Sequence[Incident]) -> int:
    """Return how many incidents none of the others touches."""

    def touched(one: Incident) -> bool:
        return any(o.device == one.device and o.start <= one.end and o.end >= one.start for o in others)

    return sum(not touched(one) for one in some)


def _same(some: Sequence[Incident], others: Sequence[Incident]) -> int:
    known = {(own.device, own.start, own.peak, own.severity) for own in others}
    return sum((own.device, own.start, own.peak, own.severity) in known for own in some)


def _recommended(steps: Sequence[Step], events: Sequence[Event]) -> float | None:
    """Return the highest level with nothing missed at it and below, and with room to the weakest event's score."""
    weakest = min((event.heat for event in events), default=None)
    found = None
    for step in steps:
        if weakest is None or step.missed or step.level * MARGIN > weakest:
            break
        found = step.level
    return found
