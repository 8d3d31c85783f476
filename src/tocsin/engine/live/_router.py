"""From names of devices to the duty that each belongs to, and its place there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.engine.live._columns import Rows
from tocsin.engine.live._letters import Letters
from tocsin.engine.live._station import Station
from tocsin.engine.live._tale import Tale

_ODD, _UNSEEN, _FULL, _NOBODY = -4, -3, -2, -1
"""Numbers of devices that have none: no name at all, not met yet, met when there was no room, belonging to no duty."""

_LONGEST = 500
"""Characters in a name: more, and a database could not find it."""

_STRANGERS = 100_000
"""Names of nobody's devices that are remembered."""

_LETTERS = 64
"""Readings of a block that are kept as dead letters, at most."""


class Router:
    """Hands readings on to the stations of the devices that they are of.

    A device's number is ``place · stations + station``.

    Parameters
    ----------
    stations
        In the order in which they are asked.
    """

    def __init__(self, stations: Sequence[Station]) -> None:
        self._stations = stations
        self._numbers: dict[str, int] = {}
        self._strangers: set[str] = set()
        self._letters = Letters()
        self._last: tuple[tuple[str, ...], IntArray] = ((), np.zeros(0, np.int64))

    def seat(self, station: Station, places: Mapping[str, int]) -> None:
        """Take devices that a station knows already."""
        k, stations = self._stations.index(station), len(self._stations)
        self._numbers |= {name: place * stations + k for name, place in places.items()}

    def resume(self, station: Station, places: Mapping[str, int]) -> None:
        """Take devices that a station knew in an earlier process; those that are another's by now, it hands over."""
        k = self._stations.index(station)
        own = {name: place for name, place in places.items() if self._duty(name) == k}
        station.hand_over(np.array([place for name, place in places.items() if name not in own], np.int64))
        self.seat(station, own)

    def find(self, name: str) -> tuple[Station, int] | None:
        """Return the station of a device and its place there; None for one that is not known."""
        number = self._numbers.get(name, _UNSEEN)
        return None if number < 0 else (self._stations[number % len(self._stations)], number // len(self._stations))

    def belongs(self, name: str, station: Station) -> bool:
        """Tell whether a device is, or would be, a station's."""
        k = self._duty(name)
        return k is not None and self._stations[k] is station

    def forget(self, names: Sequence[str]) -> None:
        """Forget devices."""
        for name in names:
            del self._numbers[name]
        if names:
            self._last = ((), np.zeros(0, np.int64))

    def take(self, arrivals: Arrivals, cut: slice, heard: IntArray, tale: Tale) -> None:
        """Hand the readings in ``cut`` on; put those aside that nobody judges."""
        number = self._known(arrivals, cut)[arrivals.device[cut]]
        stations = len(self._stations)
        if stations == 1 and number.min(initial=0) >= 0:
            self._hand(self._stations[0], arrivals, cut, number, heard, tale)
            return
        if number.min(initial=0) < 0:
            self._turn_away(arrivals, cut.start, number, tale)
        for k, station in enumerate(self._stations):
            mine = np.flatnonzero((number >= 0) & (number % stations == k))
            if len(mine):
                self._hand(station, arrivals, cut.start + mine, number[mine] // stations, heard[mine], tale)

    def _hand(
        self, station: Station, arrivals: Arrivals, rows: Rows, place: IntArray, heard: IntArray, tale: Tale
    ) -> None:
        unfit, reason = station.unfit(arrivals, rows)
        if not len(unfit):
            station.take(arrivals, rows, place, heard, tale)
            return
        where = np.arange(len(arrivals))[rows]
        self._put_aside(arrivals, where[unfit], tale, reason)
        left = np.delete(np.arange(len(where)), unfit)
        if len(left):
            station.take(arrivals, where[left], place[left], heard[left], tale)
        self.forget(station.drop(np.unique(place[unfit]), tale))

    def _known(self, arrivals: Arrivals, cut: slice) -> IntArray:
        """Return the number of each device of the block; those that are new have one from here on."""
        names = arrivals.devices
        if names is not self._last[0]:
            self._last = (names, self._look_up(names))
        number = self._last[1]
        if (number == _UNSEEN).any():
            used = arrivals.device[cut]
            new = dict.fromkeys(used[number[used] == _UNSEEN].tolist())
            for place, found in zip(new, self._meet([names[place] for place in new]), strict=True):
                number[place] = found
        return number

    def _look_up(self, names: Sequence[str]) -> IntArray:
        known = self._numbers
        return np.fromiter((known.get(name, _UNSEEN) for name in names), np.int64, len(names))

    def _meet(self, names: Sequence[str]) -> list[int]:
        """Give devices that are new, in the order in which they came, a place each where there is room."""
        found, wanted = dict.fromkeys(names, _NOBODY), [list[str]() for _ in self._stations]
        for name in names:
            if not _is_name(name):
                found[name] = _ODD
                continue
            k = self._duty(name)
            if k is not None and len(wanted[k]) < self._stations[k].room:
                wanted[k].append(name)
            elif k is not None:
                found[name] = _FULL
        for station, mine in zip(self._stations, wanted, strict=True):
            if mine:
                self.seat(station, dict(zip(mine, station.admit(mine).tolist(), strict=True)))
                found |= {name: self._numbers[name] for name in mine}
        return [found[name] for name in names]

    def _duty(self, name: str) -> int | None:
        """Return which station a device belongs to."""
        if name in self._strangers:
            return None
        found = next((k for k, station in enumerate(self._stations) if station.duty.fits(name)), None)
        if found is None:
            if len(self._strangers) >= _STRANGERS:
                self._strangers.clear()
            self._strangers.add(name)
        return found

    def _turn_away(self, arrivals: Arrivals, start: int, number: IntArray, tale: Tale) -> None:
        nobody = "Nothing is to be done for a device of this name. Add it to --device, or to the devices of a watch."
        full = "There is no room for another device. Raise most_devices, or make room for fewer names."
        odd = f"A device's name has from 1 to {_LONGEST} characters. Name it otherwise."
        for code, reason in ((_NOBODY, nobody), (_FULL, full), (_ODD, odd)):
            self._put_aside(arrivals, start + np.flatnonzero(number == code), tale, reason)

    def _put_aside(self, arrivals: Arrivals, rows: IntArray, tale: Tale, reason: str) -> None:
        tale.aside += len(rows)
        letters = (self._letters.letter(arrivals, row, reason) for row in rows.tolist())
        tale.dead += islice((letter for letter in letters if letter), _LETTERS)


def _is_name(text: str) -> bool:
    """Tell whether a device may be called so: whatever can be written down, and is neither empty nor endless."""
    try:
        return 0 < len(text) <= _LONGEST and bool(text.encode())
    except UnicodeEncodeError:
        return False
