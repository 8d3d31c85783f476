"""Readings as arrivals, and what comes of them however they are cut and whenever the lane is killed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from tests.engine.conftest import BEGIN

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import Notice
from tocsin.core.readings import Readings
from tocsin.core.tidings import Kept, Tidings
from tocsin.engine.duty import Duty
from tocsin.engine.lane import Lane

SECOND = 10**9


def arrivals_of(readings: Readings, devices: Sequence[str], *, arrived: IntArray | None = None) -> Arrivals:
    """Return readings as they come over a wire; they arrive when they were taken, unless it is said when."""
    when = np.where(readings.time == NEVER, BEGIN, readings.time) if arrived is None else arrived
    return Arrivals(tuple(devices), readings.schema.names, readings.device, readings.time, readings.values, when)


def cut(whole: Arrivals, start: int, stop: int) -> Arrivals:
    """Return some of the arrivals."""
    return whole.take(slice(start, stop))


def told(all_tidings: Sequence[Tidings]) -> dict[tuple[str, int], Notice]:
    """Return the notices as a store keeps them: the first of each (id, revision)."""
    found: dict[tuple[str, int], Notice] = {}
    for tidings in all_tidings:
        for notice in tidings.notices:
            found.setdefault((notice.id, notice.revision), notice)
    return found


def kept(all_tidings: Sequence[Tidings]) -> dict[tuple[str, str, int], tuple[str, ...]]:
    """Return the verdicts as a store keeps them: the first of each (duty, device, time)."""
    found: dict[tuple[str, str, int], tuple[str, ...]] = {}
    for tidings in all_tidings:
        for part in tidings.kept:
            for k, row in enumerate(_rows(part)):
                found.setdefault((part.duty, part.devices[int(part.device[k])], int(part.time[k])), row)
    return found


def _rows(part: Kept) -> list[tuple[str, ...]]:
    columns = (part.score, part.limit, part.status, part.incident)
    return [tuple(map(repr, row)) for row in zip(*(column.tolist() for column in columns), strict=True)]


def lived(duties: Sequence[Duty], whole: Arrivals, cuts: Sequence[int], *, kills: Sequence[int] = ()) -> list[Tidings]:
    """Return what a lane tells of arrivals cut at ``cuts``, saved at every other one and killed after ``kills``."""
    return _Life(duties, lambda: Lane(duties)).live(whole, sorted({0, len(whole), *cuts}), set(kills))


class _Life:
    def __init__(self, duties: Sequence[Duty], born: Callable[[], Lane]) -> None:
        self._duties, self._lane = duties, born()
        self._parts: dict[str, bytes] = {}
        self._saved = 0

    def live(self, whole: Arrivals, borders: list[int], kills: set[int]) -> list[Tidings]:
        tidings, k = [], 0
        while k < len(borders) - 1:
            tidings.append(self._lane.take(cut(whole, borders[k], borders[k + 1])))
            k += 1
            if k in kills:
                kills.remove(k)
                self._lane, k = Lane(self._duties, parts=self._parts), self._saved
            elif k % 2:
                self._save(k)
        return tidings

    def _save(self, k: int) -> None:
        for name, block in self._lane.changed().items():
            if block is None:
                self._parts.pop(name, None)
            else:
                self._parts[name] = block
        self._lane.saved()
        self._saved = k


def parts_of(changed: dict[str, bytes | None]) -> dict[str, bytes]:
    """Return the parts that are there."""
    return {name: block for name, block in changed.items() if block is not None}
