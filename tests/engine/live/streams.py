"""Readings as arrivals, and what comes of them however they are cut and whenever the lane is killed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from tests.engine.conftest import BEGIN, MINUTE, calm

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import Notice
from tocsin.core.readings import Readings
from tocsin.core.tidings import Kept, Tidings
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane

SECOND = 10**9


def arrivals_of(readings: Readings, devices: Sequence[str], *, arrived: IntArray | None = None) -> Arrivals:
    """Return readings as they come over a wire; they arrive when they were taken, unless it is said when."""
    when = np.where(readings.time == NEVER, BEGIN, readings.time) if arrived is None else arrived
    return Arrivals(tuple(devices), readings.schema.names, readings.device, readings.time, readings.values, when)


def rows(
    minutes: list[float],
    devices: list[str] | None = None,
    *,
    values: np.ndarray | None = None,
    heard: list[float] | None = None,
    channels: tuple[str, ...] = ("a", "b"),
) -> Arrivals:
    """Return readings taken at these minutes, heard then if it is not said when, all of pump-1 if not of whom."""
    whose = devices or ["pump-1"] * len(minutes)
    names = tuple(dict.fromkeys(whose))
    time = BEGIN + (np.array(minutes) * MINUTE).astype(np.int64)
    arrived = time if heard is None else BEGIN + (np.array(heard) * MINUTE).astype(np.int64)
    what = calm(len(minutes)) if values is None else values
    return Arrivals(names, channels, np.array([names.index(n) for n in whose], np.int64), time, what, arrived)


def minute(time: int) -> float:
    return (time - BEGIN) / MINUTE


def stale(tidings: Tidings) -> list[tuple[str, str, float, float, float]]:
    """Return kind, device, start, opening and end of silences, in minutes."""
    found = [notice for notice in tidings.notices if notice.what == "stale"]
    return [(n.kind, n.device, minute(n.start), minute(n.opened), minute(n.end)) for n in found]


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
    """Return what a lane tells of arrivals that are cut at ``cuts``; see :func:`survived`."""
    borders = sorted({0, len(whole), *(min(place, len(whole)) for place in cuts)})
    return survived(duties, [cut(whole, start, stop) for start, stop in pairwise(borders)], kills=kills)


def survived(duties: Sequence[Duty], blocks: Sequence[Arrivals], *, kills: Sequence[int] = ()) -> list[Tidings]:
    """Return what a lane tells of blocks: written behind every other one, and killed once behind each of ``kills``."""
    lane, parts, safe = Lane(duties), dict[str, bytes](), 0
    tidings, due, k = list[Tidings](), set(kills), 0
    while k < len(blocks):
        tidings.append(lane.take(blocks[k]))
        k += 1
        if k in due:
            due.remove(k)
            lane, k = Lane(duties, parts=parts), safe
        elif k % 2:
            changed = lane.changed()
            parts = parts_of({**parts, **changed})
            lane.saved()
            safe = k
    return tidings


def parts_of(changed: dict[str, bytes | None]) -> dict[str, bytes]:
    """Return the parts that are there."""
    return {name: block for name, block in changed.items() if block is not None}
