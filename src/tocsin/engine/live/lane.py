"""The lane: readings that are read in order go in, and what is to be told, kept and remembered of them comes out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import Notice
from tocsin.core.tidings import Tidings
from tocsin.engine.live._pack import Packed, pack, unpack
from tocsin.engine.live._router import Router
from tocsin.engine.live._station import Station
from tocsin.engine.live._tale import Tale
from tocsin.engine.live.duty import Duty

_OWN = "lane"
"""Name of the part that holds what belongs to no duty; those of a duty have a stroke in their name."""


class Lane:
    """The devices of a lane: a Kafka partition, a worker's share of an MQTT fleet, a file. One thread uses it.

    What it tells is a function of the readings in their order and of their arrival stamps alone: however they are cut
    into batches, and after any restart from saved parts with the readings since then taken once more, notices and kept
    verdicts are the same, bit for bit. What only a tick told is said to be ``pinned``.

    Parameters
    ----------
    duties
        What is to be done; a device belongs to the first duty that it fits.
    parts
        What :meth:`changed` returned in an earlier process, all of it together.
    going
        Incidents that the lane told of and that are not over, as far as anybody knows. Those of a duty that is gone, of
        devices that are another's by now and of an artifact that was replaced are told to be over.
    shown
        Does somebody look on? Then all verdicts are told, with their values.

    Raises
    ------
    ArtifactError
        If a part is damaged.

    Examples
    --------
    ::

        lane = Lane([Duty(artifact)])
        tidings = lane.take(arrivals)
        parts = lane.changed()  # written in one transaction with the tidings, then lane.saved()
    """

    def __init__(
        self,
        duties: Sequence[Duty],
        *,
        parts: Mapping[str, bytes] | None = None,
        going: Sequence[Notice] = (),
        shown: bool = False,
    ) -> None:
        self._stations = [Station(duty, shown=shown) for duty in duties]
        self._router = Router(self._stations)
        self._clock, self._finished = NEVER, False
        self._written = self._own
        self._gone: set[str] = set()
        self._over: list[Notice] = []
        if parts:
            self._resume(parts)
        for station in self._stations:
            station.follow({notice.id: notice for notice in going})
        self.end([notice for notice in going if self._has_left(notice)])

    @property
    def devices(self) -> int:
        """How many devices are known."""
        return sum(station.devices for station in self._stations)

    @property
    def newest(self) -> int:
        """The greatest arrival stamp so far, in ns; 0 where nothing has come."""
        return max(self._clock, 0)

    def take(self, arrivals: Arrivals) -> Tidings:
        """Judge readings in order of arrival."""
        tale = Tale(pinned=arrivals.shift_ns != 0)
        self._finished = self._finished and not len(arrivals)
        self._shift(arrivals.shift_ns)
        heard = np.maximum.accumulate(np.maximum(arrivals.arrived, self._clock))
        for start, stop in self._cuts(arrivals, heard, tale):
            self._clock = int(heard[stop - 1])
            self._router.take(arrivals, slice(start, stop), heard[start:stop], tale)
        self._tell_due(self._clock, tale)
        return tale.tidings()

    def tick(self, idle_ns: int) -> Tidings:
        """Take note that nothing has come for ``idle_ns`` since the last readings, by a clock that nobody sets."""
        tale = Tale()
        tale.pinned = self._tell_due(self._clock if self._clock == NEVER else self._clock + idle_ns, tale)
        return tale.tidings()

    def finish(self) -> Tidings:
        """Close what is open, as at the end of a file. Of one that has ended already there is nothing to tell."""
        tale = Tale()
        self._tell_due(self._clock, tale)
        if not self._finished:
            self._finished = True
            for station in self._stations:
                station.finish(tale)
        return tale.tidings()

    def end(self, going: Sequence[Notice]) -> None:
        """Tell, with the next tidings, that incidents are over of which nothing is remembered."""
        kinds: dict[bool, Literal["held", "close"]] = {True: "held", False: "close"}
        self._over += [
            replace(notice, kind=kinds[notice.kind == "held"], revision=notice.revision + 1, open=False)
            for notice in going
        ]

    def changed(self) -> dict[str, bytes | None]:
        """Return the parts of the state that have changed since :meth:`saved`; None for one that is gone."""
        found: dict[str, bytes | None] = dict.fromkeys(self._gone)
        if self._own != self._written:
            found[_OWN] = pack(
                Packed("", (), {"clock": np.array([self._clock]), "finished": np.array([self._finished])})
            )
        for station in self._stations:
            found |= {f"{station.duty.name}/{name}": block for name, block in station.changed().items()}
        return found

    def saved(self) -> None:
        """Take it that what :meth:`changed` returned last is safe."""
        self._gone, self._written = set(), self._own
        for station in self._stations:
            station.saved()

    def _resume(self, parts: Mapping[str, bytes]) -> None:
        names = {station.duty.name for station in self._stations}
        self._gone = {name for name in parts if name != _OWN and _duty_of(name) not in names}
        for station in self._stations:
            own = f"{station.duty.name}/"
            mine = {n.removeprefix(own): parts[n] for n in parts if n != _OWN and _duty_of(n) == station.duty.name}
            self._router.resume(station, station.resume(mine))
        if _OWN in parts:
            held = unpack(parts[_OWN], _OWN).arrays
            self._clock, self._finished = int(held["clock"][0]), bool(held["finished"][0])
            self._written = self._own

    @property
    def _own(self) -> tuple[int, bool]:
        """What belongs to no duty."""
        return self._clock, self._finished

    def _has_left(self, going: Notice) -> bool:
        """Tell whether nobody here will ever see to an incident, nor is about to tell its end."""
        station = next((own for own in self._stations if own.duty.name == going.duty), None)
        if station is None:
            return True
        cared = station.asks(going.device) if going.what == "stale" else not station.renewed
        return not (cared and self._router.belongs(going.device, station)) and not station.ends(going.id)

    def _shift(self, by_ns: int) -> None:
        if by_ns and self._clock != NEVER:
            self._clock += by_ns
            for station in self._stations:
                station.shift(by_ns)

    def _cuts(self, arrivals: Arrivals, heard: IntArray, tale: Tale) -> Iterator[tuple[int, int]]:
        """Cut a block where devices say goodbye, and where others have been silent for so long that they are forgotten.

        Both change what the readings behind that moment mean, so they must come at the same place however it is cut.
        """
        start, goodbyes = 0, sorted(arrivals.gone, key=lambda one: one[1])
        while start < len(heard) or goodbyes:
            first = int(heard[start]) if start < len(heard) else self._clock
            unknown = min(station.unknown_at(first) for station in self._stations)
            forget = int(np.searchsorted(heard, unknown, side="right"))
            leave = int(np.searchsorted(heard, goodbyes[0][1], side="right")) if goodbyes else len(heard)
            stop = max(min(forget, leave), start)
            if stop > start:
                yield start, stop
            if goodbyes and leave <= stop:
                self._goodbye(*goodbyes.pop(0), tale)
            elif stop < len(heard):
                self._forget(int(heard[stop]), tale)
            start = stop

    def _goodbye(self, name: str, when: int, tale: Tale) -> None:
        self._tell_due(self._clock, tale)
        if found := self._router.find(name):
            found[0].goodbye(found[1], when, tale)

    def _forget(self, now: int, tale: Tale) -> None:
        self._tell_due(now, tale)
        for station in self._stations:
            self._router.forget(station.forget(now, tale))

    def _tell_due(self, now: int, tale: Tale) -> bool:
        over, self._over = self._over, []
        tale.tell(over)
        found = [station.due(now, tale) for station in self._stations]
        return any(found) or bool(over)


def _duty_of(part: str) -> str:
    """Return the name of the duty that a part belongs to; names may hold strokes, what follows has a known shape."""
    head, _, last = part.rpartition("/")
    return head.removesuffix("/page") if last.isdecimal() and head.endswith("/page") else head
