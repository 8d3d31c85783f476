"""How the devices of one duty stand: as a watch tells of them, or as the store has kept them."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.frames import UNKNOWN, numbers, shortened
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status
from tocsin.service.live._events import shown_time
from tocsin.service.live._fleet import Fleet
from tocsin.store import Store

ROWS_NS = 86_400 * 10**9
"""Times below a day after the epoch are row numbers: nobody watches readings of 1970."""

_COLUMNS = ("time", "score", "limit", "status", "worst", "values", "cause")

FRESH_S = 2.0
"""So long what the store told is taken as it was, however many look on."""


@dataclass(frozen=True, eq=False)
class Standing:
    """Devices of one duty, at one moment: columns over the devices.

    Parameters
    ----------
    duty
        Its name.
    names, places
        Names of the devices, and the place of each among them.
    time, score, limit, status, worst
        Their latest verdicts, and the greatest severity lately; NEVER and NaN where nothing is known.
    live, row_clock
        Does a watch tell of them just now? Are times row numbers?
    channels, values, cause
        Of what a watch tells: names of channels, ndarray of shape (devices, channels), and indices of channels.
    fleet
        What the watch goes on telling; None where none does.
    """

    duty: str
    names: list[str]
    places: dict[str, int]
    time: IntArray
    score: FloatArray
    limit: FloatArray
    status: IntArray
    worst: FloatArray
    live: bool
    row_clock: bool
    channels: tuple[str, ...]
    values: FloatArray
    cause: IntArray
    fleet: Fleet | None = None

    def __len__(self) -> int:
        return len(self.names)

    def device(self, k: int) -> dict[str, Any]:
        """Return what is known of one device, as plain values for JSON."""
        when, cause = int(self.time[k]), int(self.cause[k])
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            severity = self.score[k] / self.limit[k]
        found = numbers(np.array([self.score[k], self.limit[k], severity, self.worst[k]]))
        return {
            "duty": self.duty,
            "device": self.names[k],
            "time": None if when == NEVER else shown_time(when, row_clock=self.row_clock),
            "row_clock": self.row_clock,
            "status": "unknown" if when == NEVER else Status(int(self.status[k])).name,
            **dict(zip(("score", "limit", "severity", "worst"), found, strict=True)),
            "cause": None if cause == UNKNOWN else self.channels[cause],
            "live": self.live,
            "values": dict(zip(self.channels, numbers(shortened(self.values[k])), strict=True)),
        }


def told(fleet: Fleet, *, live: bool) -> Standing:
    """Return how devices stand as a watch tells of them; a copy, since it goes on telling."""
    own = {name: fleet.latest[name].copy() for name in ("time", "score", "limit", "status", "values", "cause")}
    return Standing(
        fleet.duty,
        list(fleet.names),
        dict(fleet.places),
        worst=fleet.worst(),
        live=live,
        row_clock=fleet.row_clock,
        channels=fleet.channels,
        fleet=fleet,
        **own,
    )


class KeptDevices:
    """How devices stand as the store has kept them, asked for anew after two seconds; several threads may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: list[Standing] = []
        self._until = 0.0

    def read(self, store: Store) -> list[Standing]:
        """Return the devices of each duty of which anything was kept.

        Raises
        ------
        StoreAway
            If the store is out of reach.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._known = _kept(store)
                self._until = time.monotonic() + FRESH_S
            return self._known


def _kept(store: Store) -> list[Standing]:
    names: dict[str, list[str]] = defaultdict(list)
    for duty, device in store.devices():
        names[duty].append(device)
    newest = {kept.duty: kept for kept in store.latest()}
    return [_of_kept(duty, own, newest.get(duty)) for duty, own in names.items()]


def _of_kept(duty: str, names: list[str], kept: Kept | None) -> Standing:
    n, places = len(names), {name: k for k, name in enumerate(names)}
    when, status = np.full(n, NEVER), np.full(n, Status.warming, np.int64)
    score, limit = np.full(n, np.nan), np.full(n, np.nan)
    if kept is not None:
        own = np.array([places[name] for name in kept.devices], np.int64)[kept.device]
        when[own], status[own], score[own], limit[own] = kept.time, kept.status, kept.score, kept.limit
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        worst = score / limit
    row_clock = NEVER < int(when.max(initial=NEVER)) < ROWS_NS
    nothing, unknown = np.zeros((n, 0)), np.full(n, UNKNOWN)
    return Standing(
        duty, names, places, when, score, limit, status, worst,
        live=False, row_clock=row_clock, channels=(), values=nothing, cause=unknown,
    )  # fmt: skip


def without(standing: Standing, gone: list[Standing]) -> Standing:
    """Return devices without those that stand elsewhere too."""
    others = [other.places for other in gone if other.duty == standing.duty]
    if not others:
        return standing
    stay = [k for k, name in enumerate(standing.names) if not any(name in places for places in others)]
    if len(stay) == len(standing):
        return standing
    names = [standing.names[k] for k in stay]
    columns: dict[str, Any] = {name: getattr(standing, name)[stay] for name in _COLUMNS}
    return replace(standing, names=names, places={name: k for k, name in enumerate(names)}, **columns)
