"""The overview: all devices, the worst first, as watches tell of them just now; else as the store last kept them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fnmatch import translate
from re import compile as pattern_of
from typing import Any

import numpy as np

from tocsin.core.alerts import GRADES
from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.frames import numbers
from tocsin.core.notices import Notice
from tocsin.service.live._standing import told, without
from tocsin.service.live.hub import Hub
from tocsin.store import Store

MOST_OPEN = 20_000
"""Open incidents that are looked at."""


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
        found = store.incidents(open=True, duty=duty, most=MOST_OPEN)
        self._open = _by_device([one.notice for one in found if one.notice.kind != "held"])
        self._lock = hub.lock
        with hub.lock:
            now = [told(fleet, live=hub.is_live(fleet)) for fleet in hub.fleets(duty)]
        rest = [without(one, now) for one in hub.kept.read(store) if duty in (None, one.duty)]
        self._parts = [one for one in (*now, *rest) if len(one)]
        self._first = np.cumsum([0, *map(len, self._parts)])

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
        shown = found[self._worst_first(found)][skip : skip + most]
        strips = self._strips(shown, bars)
        every = [notice for own in self._open.values() for notice in own]
        return {
            "devices": [self._device(k) | strips.get(k, {}) for k in shown.tolist()],
            "found": len(found),
            "total": int(self._first[-1]),
            "live": sum(len(part) for part in self._parts if part.live),
            "anomalous": int((self._column("score") > self._column("limit")).sum()),
            "silent": len({(one.duty, one.device) for one in every if one.what == "stale"}),
            "open": len(every),
        }

    def _strips(self, shown: IntArray, bars: int) -> dict[int, dict[str, Any]]:
        """Return the ``strip`` of each device that a watch tells of, by its place; nothing for the others."""
        strips: dict[int, dict[str, Any]] = {}
        for part, first in zip(self._parts, self._first.tolist(), strict=False) if bars else ():
            own = shown[(shown >= first) & (shown < first + len(part))]
            if part.fleet is None or not len(own):
                continue
            with self._lock:
                places = [part.fleet.find(part.names[k - first]) for k in own.tolist()]
                known = [(k, place) for k, place in zip(own.tolist(), places, strict=True) if place is not None]
                rows = part.fleet.strips(np.array([place for _, place in known], np.int64), bars)
            if rows is not None:
                strips |= {k: {"strip": numbers(row)} for (k, _), row in zip(known, rows, strict=True)}
        return strips

    def _found(self, like: str) -> IntArray:
        """Return the places of the devices with fitting names, all parts counted through."""
        if not like:
            return np.arange(int(self._first[-1]))
        asked = like.lower()
        fits = pattern_of(translate(asked if any(sign in asked for sign in "*?[") else f"*{asked}*")).match
        names = (name for part in self._parts for name in part.names)
        return np.array([k for k, name in enumerate(names) if fits(name.lower())], np.int64)

    def _worst_first(self, found: IntArray) -> IntArray:
        """Return the order: first by the grade of what is open, then by the worst of ten minutes."""
        worst = np.nan_to_num(self._column("worst"), nan=-1.0)[found]
        return np.lexsort((found, -worst, -self._grades()[found]))

    def _grades(self) -> IntArray:
        """Return the greatest grade among each device's open incidents, 0 for none."""
        grade = np.zeros(int(self._first[-1]), np.int64)
        for (duty, device), own in self._open.items():
            greatest = 1 + max(GRADES.index(one.grade) for one in own)
            for part, first in zip(self._parts, self._first.tolist(), strict=False):
                if part.duty == duty and device in part.places:
                    grade[first + part.places[device]] = greatest
        return grade

    def _column(self, name: str) -> FloatArray:
        return np.concatenate([np.zeros(0), *(getattr(part, name) for part in self._parts)])

    def _device(self, k: int) -> dict[str, Any]:
        part = int(np.searchsorted(self._first, k, side="right")) - 1
        known = self._parts[part].device(k - int(self._first[part]))
        own = self._open.get((known["duty"], known["device"]), ())
        silent = known["status"] == "stale" or any(one.what == "stale" for one in own)
        return {**known, "open": [one.id for one in own], "silent": silent}


def _by_device(going: Sequence[Notice]) -> dict[tuple[str, str], list[Notice]]:
    found: dict[tuple[str, str], list[Notice]] = defaultdict(list)
    for one in going:
        found[one.duty, one.device].append(one)
    return found
