"""From what a policy tells of numbered devices to notices with names, the same wherever the readings are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tocsin.core.alerts import Event, grade
from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.notices import Notice, incident_key
from tocsin.core.tidings import Kept, nothing_kept
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.live._silence import Lull
from tocsin.engine.live.duty import Duty

_SECOND = 1e9

Named = Callable[[int], str]
"""Gives a device's name for its index."""


def notice_of(event: Event, *, duty: Duty, device: str, group: str) -> Notice:
    """Return news of an incident as a notice; ``group`` is "" where it is the first of its own."""
    own, artifact = event.incident, duty.artifact
    key = incident_key(device, own.start, duty=duty.name)
    shares = sorted(zip(artifact.schema.names, own.shares, strict=False), key=lambda cause: -cause[1])
    return Notice(
        id=key,
        revision=event.revision,
        kind=event.kind,
        what="anomaly",
        duty=duty.name,
        device=device,
        start=own.start,
        opened=own.start if own.opened == NEVER else own.opened,
        peak=own.peak,
        end=own.end,
        open=own.open,
        score=own.peak_score,
        limit=own.peak_limit,
        grade=grade(own.severity, artifact.policy.grades),
        causes=tuple(cause for cause in shares if cause[1] > 0),
        regime=own.regime,
        outside=own.outside,
        group=group or key,
        artifact=duty.version,
    )


def silence_of(lull: Lull, *, duty: Duty, device: str) -> Notice:
    """Return news of a silence as a notice."""
    key = incident_key(device, lull.start, duty=duty.name, what="stale")
    lasted, normal = lull.lasted / _SECOND, (duty.silence_ns or lull.lasted) / _SECOND
    return Notice(
        id=key,
        revision=lull.revision,
        kind="open" if lull.open else "close",
        what="stale",
        duty=duty.name,
        device=device,
        start=lull.start,
        opened=lull.opened,
        peak=lull.end,
        end=lull.end,
        open=lull.open,
        score=lasted,
        limit=normal,
        grade=grade(lasted / normal if normal else 1.0, duty.artifact.policy.grades),
        group=key,
        artifact=duty.version,
    )


def kept_of(verdicts: Verdicts, duty: Duty, named: Named) -> Kept:
    """Return the verdicts that are worth keeping: a rule about each verdict alone, so that a replay keeps the same.

    Readings that were turned away are counted elsewhere; kept, they could take the place of one that was judged.
    """
    ordinary = (verdicts.status == Status.ok) & ~verdicts.anomaly & ~verdicts.told
    special = ~ordinary & (verdicts.status < Status.late)
    every = duty.keep_every_ns
    begins = verdicts.time % every < duty.artifact.clock.period_ns if every else np.ones(len(verdicts), np.bool_)
    where = np.flatnonzero(special | (ordinary & begins))
    if not len(where):
        return nothing_kept(duty.name)
    mine = verdicts.device[where]
    # most batches of a trickle bring one reading, and to sort it costs more than all else here
    own, device = (mine, np.zeros(1, np.int64)) if len(mine) == 1 else np.unique(mine, return_inverse=True)
    return Kept(
        duty.name,
        tuple(named(index) for index in own.tolist()),
        device.astype(np.int64),
        verdicts.time[where],
        verdicts.score[where],
        verdicts.limit[where],
        verdicts.status[where],
        verdicts.incident[where],
    )


def stale_of(lulls: Sequence[Lull], duty: Duty, named: Named) -> Kept:
    """Return a verdict for each silence that has lasted too long, stamped a nanosecond after that.

    Empty bins end on whole periods; on the same moment this one could take the place of one of theirs.
    """
    opened = [lull for lull in lulls if lull.open]
    nothing: FloatArray = np.full(len(opened), np.nan)
    return Kept(
        duty.name,
        tuple(named(lull.device) for lull in opened),
        np.arange(len(opened)),
        np.array([lull.opened + 1 for lull in opened], np.int64),
        nothing,
        nothing,
        np.full(len(opened), Status.stale, np.uint8),
        np.array([lull.start for lull in opened], np.int64),
    )


def in_order_of_opening(
    events: Sequence[Event], *, device: IntArray, time: IntArray, lateness_ns: int
) -> Iterator[Event]:
    """Yield the openings among ``events`` in the order in which readings brought them, however readings were cut.

    Parameters
    ----------
    events
        Of one push.
    device, time
        ndarrays of shape (n,), int64: the readings pushed; NEVER for a time that did not count.
    lateness_ns
        How far behind a device's greatest time a bin closes.
    """
    found = []
    for event in events:
        if event.kind == "open":
            mine = np.flatnonzero(device == event.incident.device)
            reached = mine[time[mine] >= event.incident.opened + lateness_ns]
            found.append((int(reached[0]) if len(reached) else len(time), event.incident.opened, event))
    return (event for _, _, event in sorted(found, key=lambda one: one[:2]))
