"""One device's story: its channels and scores over the last minutes, from the watch and, before that, the store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.frames import numbers, shortened
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status
from tocsin.service.live._events import shown_time
from tocsin.service.live._fleet import Past
from tocsin.service.live._standing import ROWS_NS
from tocsin.service.live.hub import Hub
from tocsin.store import Store

_MINUTE_NS = 60 * 10**9
MOST_KEPT = 20_000
"""Of the store's verdicts, the newest."""
MOST_INCIDENTS = 50


@dataclass(frozen=True, eq=False)
class _Known:
    """A device and what is at hand of it."""

    duty: str
    row_clock: bool
    live: bool
    channels: tuple[str, ...]
    past: Past


def story(hub: Hub, store: Store, device: str, *, duty: str | None, minutes: float) -> dict[str, Any] | None:
    """Return what is known of a device as plain values for JSON; None where nothing is.

    Parameters
    ----------
    hub, store
        What watches tell, and what they have kept.
    device, duty
        Its name; under which duty, None for the first that has it.
    minutes
        So much of the past, counted back from its last reading; where rows are the clock, all that is at hand.

    Raises
    ------
    StoreAway
        If the store is out of reach.
    """
    span_ns = round(minutes * _MINUTE_NS)
    told = _told(hub, device, duty)
    known = _kept(store, device, duty, span_ns) if told is None else _longer(store, device, told, span_ns)
    return None if known is None else _document(store, device, known)


def _document(store: Store, device: str, known: _Known) -> dict[str, Any]:
    past, values = known.past, shortened(known.past.values)
    incidents = store.incidents(device=device, duty=known.duty, most=MOST_INCIDENTS)
    return {
        "duty": known.duty,
        "device": device,
        "live": known.live,
        "row_clock": known.row_clock,
        "channels": list(known.channels),
        "time": [shown_time(time, row_clock=known.row_clock) for time in past.time.tolist()],
        "values": {name: numbers(values[:, k]) for k, name in enumerate(known.channels)},
        "score": numbers(shortened(past.score)),
        "limit": numbers(shortened(past.limit)),
        "status": [Status(code).name for code in past.status.tolist()],
        "incidents": [one.document() for one in incidents],
    }


def _told(hub: Hub, device: str, duty: str | None) -> _Known | None:
    """Return a device as a watch tells of it; the watch that told last, where there are several."""
    with hub.lock:
        for fleet in sorted(hub.fleets(duty), key=lambda fleet: -fleet.heard):
            if (place := fleet.find(device)) is not None:
                return _Known(fleet.duty, fleet.row_clock, hub.is_live(fleet), fleet.channels, fleet.past(place))
    return None


def _kept(store: Store, device: str, duty: str | None, span_ns: int) -> _Known | None:
    """Return a device as the store has kept it."""
    own = next((held for held, name in store.devices() if name == device and duty in (None, held)), None)
    if own is None:
        return None
    last = store.verdicts(duty=own, device=device, most=1, newest=True)
    row_clock = bool(len(last)) and int(last.time[0]) < ROWS_NS
    since = int(last.time[0]) - span_ns if len(last) and not row_clock else None
    kept = store.verdicts(duty=own, device=device, since_ns=since, most=MOST_KEPT, newest=True)
    return _Known(own, row_clock, False, (), _past_of(kept, 0))


def _longer(store: Store, device: str, told: _Known, span_ns: int) -> _Known:
    """Return a device as a watch tells of it, with what the store has kept from before."""
    if told.row_clock or not len(told.past.time):
        return told
    since, until = int(told.past.time[-1]) - span_ns, int(told.past.time[0])
    own = _cut(told.past, since)
    if since < until:
        kept = store.verdicts(
            duty=told.duty, device=device, since_ns=since, until_ns=until, most=MOST_KEPT, newest=True
        )
        own = _joined(_past_of(kept, len(told.channels)), own)
    return _Known(told.duty, told.row_clock, told.live, told.channels, own)


def _past_of(kept: Kept, channels: int) -> Past:
    nothing = np.full((len(kept), channels), np.nan)
    return Past(kept.time, kept.score, kept.limit, kept.status.astype(np.int64), nothing)


def _cut(past: Past, since: int) -> Past:
    own = past.time >= since
    return Past(past.time[own], past.score[own], past.limit[own], past.status[own], past.values[own])


def _joined(before: Past, after: Past) -> Past:
    names = ("time", "score", "limit", "status", "values")
    return Past(*(np.concatenate([getattr(before, name), getattr(after, name)]) for name in names))
