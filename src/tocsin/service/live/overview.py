"""The overview: all devices, the worst first, as watches tell of them just now; else as the store last kept them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from tocsin.core.alerts import GRADES
from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.frames import UNKNOWN, numbers, shortened
from tocsin.core.tidings import Kept
from tocsin.core.verdicts import Status
from tocsin.service.live._events import shown_time
from tocsin.service.live._fleet import Fleet
from tocsin.service.live.hub import Hub
from tocsin.store import Recorded, Store

MOST_OPEN = 20_000
"""Open incidents that are looked at."""

ROWS_NS = 86_400 * 10**9
"""Times below a day after the epoch are row numbers: nobody watches readings of 1970."""


@dataclass(frozen=True, eq=False)
class _Group:
    """Devices of one duty: columns as long as ``names``; ``fleet`` and its places, where a watch tells of them."""

    duty: str
    names: list[str]
    time: IntArray
    score: FloatArray
    limit: FloatArray
    status: IntArray
    worst: FloatArray
    live: bool
    fleet: Fleet | None = None

    def __len__(self) -> int:
        return len(self.names)

    @property
    def severity(self) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.score / self.limit

    @property
    def row_clock(self) -> bool:
        known = self.time[self.time != NEVER]
        return bool(len(known)) and int(known.max()) < ROWS_NS if self.fleet is None else self.fleet.row_clock


class Overview:
    """All devices of which anything is known, at one moment.

    Parameters
    ----------
    hub
        What watches tell just now.
    store
        What they have kept.
    duty
        One duty alone; None for all.

    Raises
    ------
    StoreAway
        If the store is out of reach.
    """

    def __init__(self, hub: Hub, store: Store, *, duty: str | None = None) -> None:
        going = [one for one in store.incidents(open=True, duty=duty, most=MOST_OPEN) if one.notice.kind != "held"]
        self._open = _by_device(going)
        self._lock = hub.lock
        with hub.lock:
            self._groups = [_told(fleet, live=hub.is_live(fleet)) for fleet in hub.fleets(duty)]
        told = {(group.duty, name) for group in self._groups for name in group.names}
        self._groups += _kept(store, told, duty)
        self._incidents = len(going)

    def document(self, *, like: str = "", most: int = 100, skip: int = 0, bars: int = 0) -> dict[str, Any]:
        """Return the devices, the worst first, and how many there are of which kind.

        Parameters
        ----------
        like
            A part of the name, or a pattern such as ``room-*``; large and small letters are the same.
        most, skip
            At most so many, after so many others.
        bars
            Into so many stretches the last ten minutes of each are cut, as ``strip``; 0 for none.
        """
        found = self._found(like)
        order = self._worst_first(found)[skip : skip + most]
        shown = [found[k] for k in order.tolist()]
        strips = self._strips(shown, bars)
        return {
            "devices": [self._device(*one) | strip for one, strip in zip(shown, strips, strict=True)],
            "found": len(found),
            "total": sum(map(len, self._groups)),
            "live": sum(len(group) for group in self._groups if group.live),
            "anomalous": sum(int((group.score > group.limit).sum()) for group in self._groups),
            "silent": sum(any(one.what == "stale" for one in own) for own in self._open.values()),
            "open": self._incidents,
        }

    def _strips(self, shown: Sequence[tuple[_Group, int]], bars: int) -> list[dict[str, Any]]:
        """Return the ``strip`` of each device that a watch tells of; nothing for the others."""
        told: list[dict[str, Any]] = [{} for _ in shown]
        for group in self._groups if bars else ():
            places = [nth for nth, (own, _) in enumerate(shown) if own is group]
            if group.fleet is None or not places:
                continue
            with self._lock:
                where = [group.fleet.find(group.names[shown[nth][1]]) for nth in places]
                known = [(nth, place) for nth, place in zip(places, where, strict=True) if place is not None]
                found = group.fleet.strips(np.array([place for _, place in known], np.int64), bars)
            for nth, row in zip((nth for nth, _ in known), () if found is None else found, strict=False):
                told[nth] = {"strip": numbers(row)}
        return told

    def _found(self, like: str) -> list[tuple[_Group, int]]:
        every = [(group, k) for group in self._groups for k in range(len(group))]
        if not like:
            return every
        asked = like.lower()
        pattern = asked if any(sign in asked for sign in "*?[") else f"*{asked}*"
        return [(group, k) for group, k in every if fnmatchcase(group.names[k].lower(), pattern)]

    def _worst_first(self, found: Sequence[tuple[_Group, int]]) -> IntArray:
        """Return the order: the grade of what is open, then the worst of ten minutes, then what is strange now."""
        grade = np.array([self._grade(group.duty, group.names[k]) for group, k in found])
        worst = np.array([group.worst[k] for group, k in found])
        return np.lexsort((np.arange(len(found)), -np.where(np.isnan(worst), -1.0, worst), -grade))

    def _grade(self, duty: str, device: str) -> int:
        return max((1 + GRADES.index(one.grade) for one in self._open.get((duty, device), ())), default=0)

    def _device(self, group: _Group, k: int) -> dict[str, Any]:
        name, time, fleet = group.names[k], int(group.time[k]), group.fleet
        own = self._open.get((group.duty, name), ())
        score, limit, severity, worst = _four(group, k)
        status = "unknown" if time == NEVER else Status(int(group.status[k])).name
        cause = UNKNOWN if fleet is None else int(fleet.latest["cause"][k])
        return {
            "duty": group.duty,
            "device": name,
            "time": None if time == NEVER else shown_time(time, row_clock=group.row_clock),
            "row_clock": group.row_clock,
            "status": status,
            "score": score,
            "limit": limit,
            "severity": severity,
            "worst": worst,
            "cause": None if fleet is None or cause == UNKNOWN else fleet.channels[cause],
            "open": [one.id for one in own],
            "silent": status == "stale" or any(one.what == "stale" for one in own),
            "live": group.live,
            "values": {} if fleet is None else _values(fleet, k),
        }


def _by_device(going: Sequence[Recorded]) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for one in going:
        found[one.notice.duty, one.notice.device].append(one.notice)
    return found


def _told(fleet: Fleet, *, live: bool) -> _Group:
    own = {name: fleet.latest[name].copy() for name in ("time", "score", "limit", "status")}
    return _Group(fleet.duty, list(fleet.names), worst=fleet.worst(), live=live, fleet=fleet, **own)


def _kept(store: Store, told: set[tuple[str, str]], duty: str | None) -> list[_Group]:
    """Return the devices that no watch tells of, as they were kept; of some nothing was kept lately."""
    rest: dict[str, list[str]] = defaultdict(list)
    for own, device in store.devices():
        if duty in (None, own) and (own, device) not in told:
            rest[own].append(device)
    newest = {kept.duty: kept for kept in store.latest()} if rest else {}
    return [_of_kept(own, names, newest.get(own)) for own, names in rest.items()]


def _of_kept(duty: str, names: list[str], kept: Kept | None) -> _Group:
    n, place = len(names), {name: k for k, name in enumerate(names)}
    time, status = np.full(n, NEVER), np.full(n, Status.warming, np.int64)
    score, limit = np.full(n, np.nan), np.full(n, np.nan)
    if kept is not None:
        where = np.array([place.get(kept.devices[k], -1) for k in kept.device.tolist()], np.int64)
        known: BoolArray = where >= 0
        for column, source in ((time, kept.time), (status, kept.status), (score, kept.score), (limit, kept.limit)):
            column[where[known]] = source[known]
    with np.errstate(divide="ignore", invalid="ignore"):
        worst = score / limit
    return _Group(duty, names, time, score, limit, status, worst, live=False)


def _four(group: _Group, k: int) -> list[float | None]:
    return numbers(np.array([group.score[k], group.limit[k], group.severity[k], group.worst[k]]))


def _values(fleet: Fleet, k: int) -> dict[str, float | None]:
    return dict(zip(fleet.channels, numbers(shortened(fleet.latest["values"][k])), strict=True))
