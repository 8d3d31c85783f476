"""Devices that fall silent: found by the clock of arrivals alone, so that a replay finds the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, IntArray
from tocsin.engine.live._slots import Slots

_FAR = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Lull:
    """News of a silence.

    Parameters
    ----------
    device
        Index of the device.
    revision
        Counts the news of the silence from 0.
    start, opened, end
        Times in ns: the last reading, when the silence had lasted too long, and until when it is known to last.
    lasted
        How long that is by the clock of arrivals, in ns.
    open
        Does it go on?
    """

    device: int
    revision: int
    start: int
    opened: int
    end: int
    lasted: int
    open: bool


class Silence:
    """When each device was last heard, and which are silent.

    All times but ``said`` are those of the lane's clock: the greatest arrival stamp so far. A device is silent once
    that clock is more than ``after_ns`` past the device's last arrival, and no longer with its next one. Whether that
    is found by the next arrival of anybody or by a tick, what is told is the same.

    Parameters
    ----------
    after_ns
        So long a silence is told; 0 for never.
    forget_ns
        So long a silence makes a device unknown; 0 for never.
    """

    def __init__(self, after_ns: int, forget_ns: int) -> None:
        self._after, self._forget = after_ns, forget_ns
        self.slots = Slots({"heard": NEVER, "said": NEVER, "opened": NEVER, "begun": NEVER, "told": 0, "minded": 0})
        self._due = self._unknown = _FAR
        self._open = 0

    def mind(self, where: IntArray, heeded: BoolArray) -> None:
        """Say of which devices silence is told: of those that are heeded, if of any."""
        self.slots["minded"][where] = heeded & (self._after > 0)

    def resume(self, where: IntArray, heeded: BoolArray) -> list[Lull]:
        """Go on from columns that were written from elsewhere, those of the devices at ``where``.

        Silences that nobody asks for any more are over.
        """
        self.mind(where, heeded)
        self._open = int(np.count_nonzero(self.slots["opened"] != NEVER))
        heard = self.slots["heard"]
        self._await(int(heard[heard != NEVER].min(initial=_FAR)))
        return self.dismiss(where[self.slots["minded"][where] == 0])

    def hear(self, device: IntArray, heard: IntArray, said: IntArray) -> list[Lull]:
        """Take readings in order of arrival: when they were heard, and which time they tell, NEVER for none."""
        if not len(device):
            return []
        self._await(int(heard[0]))
        known, told = self.slots, list[Lull]()
        if heard[-1] > self._due or (self._open and (known["opened"][device] != NEVER).any()):
            told = [lull for row in self._breaks(device, heard, said) for lull in self._broken(*row)]
        known["heard"][device] = heard
        spoken = said != NEVER
        known["said"][device if spoken.all() else device[spoken]] = said if spoken.all() else said[spoken]
        return told

    def due(self, now: int) -> list[Lull]:
        """Tell of the devices that have been silent for too long by now."""
        if now <= self._due:
            return []
        known = self.slots
        waited = (known["minded"] > 0) & (known["heard"] != NEVER) & (known["opened"] == NEVER)
        late = waited & (known["heard"] + self._after < now)
        found = [self._opened(device, self._after) for device in np.flatnonzero(late).tolist()]
        left = known["heard"][waited & ~late]
        self._due = int(left.min()) + self._after if len(left) else _FAR
        return found

    def goodbye(self, device: int, when: int) -> list[Lull]:
        """Take it that a device went away, unless it was heard since."""
        heard, opened, minded = (int(self.slots[name][device]) for name in ("heard", "opened", "minded"))
        if not minded or opened != NEVER or heard == NEVER or when < heard:
            return []
        return [self._opened(device, when - heard)]

    def unknown_at(self, first: int) -> int:
        """Return until when no device is forgotten, those among them that may be heard from ``first`` on."""
        return min(self._unknown, first + self._forget) if self._forget else _FAR

    def forgotten(self, now: int) -> IntArray:
        """Return the devices that have been silent for so long that they are not known any more."""
        if now <= self._unknown:
            return np.zeros(0, np.int64)
        heard = self.slots["heard"]
        known = heard != NEVER
        late = known & (heard + self._forget < now)
        left = heard[known & ~late]
        self._unknown = int(left.min()) + self._forget if len(left) else _FAR
        return np.flatnonzero(late)

    def dismiss(self, devices: IntArray, *, forgotten: bool = False) -> list[Lull]:
        """End the silences of devices that nobody will ask for, or that have been silent for so long."""
        still = devices[self.slots["opened"][devices] != NEVER]
        until = self.slots["heard"] + self._forget if forgotten else self.slots["opened"]
        return [self._closed(device, int(until[device])) for device in still.tolist()]

    def shift(self, by_ns: int) -> None:
        """Count so much time as if it had not passed."""
        heard = self.slots["heard"]
        heard[heard != NEVER] += by_ns
        self._due += by_ns if self._due != _FAR else 0
        self._unknown += by_ns if self._unknown != _FAR else 0

    def _await(self, heard: int) -> None:
        if heard != _FAR:
            self._due = min(self._due, heard + self._after) if self._after else _FAR
            self._unknown = min(self._unknown, heard + self._forget) if self._forget else _FAR

    def _breaks(self, device: IntArray, heard: IntArray, said: IntArray) -> Iterator[tuple[int, int, int, int]]:
        """Yield what breaks a silence: device, when it was heard before, what it said then, and when it is heard."""
        known, order = self.slots, np.argsort(device, kind="stable")
        own, now, words = device[order], heard[order], said[order]
        first = np.ones(len(own), np.bool_)
        first[1:] = own[1:] != own[:-1]
        before = np.where(first, known["heard"][own], np.concatenate([now[:1], now[:-1]]))
        begins = np.maximum.accumulate(np.where(first, np.arange(len(own)), 0))
        long = (known["minded"][own] > 0) & (before != NEVER) & (now - self._after > before)
        for place in np.flatnonzero(long | (first & (known["opened"][own] != NEVER))).tolist():
            yield int(own[place]), int(before[place]), _last(words[begins[place] : place]), int(now[place])

    def _broken(self, device: int, before: int, said: int, now: int) -> list[Lull]:
        known = self.slots
        known["heard"][device] = before
        known["said"][device] = said if said != NEVER else known["said"][device]
        opened = [self._opened(device, self._after)] if known["opened"][device] == NEVER else []
        return [*opened, self._closed(device, now)]

    def _opened(self, device: int, lasted: int) -> Lull:
        known = self.slots
        heard, start = int(known["heard"][device]), self._start(device)
        again = known["begun"][device] == start
        known["opened"][device], known["begun"][device] = heard + lasted, start
        known["told"][device] = known["told"][device] + 1 if again else 1
        self._open += 1
        return Lull(device, int(known["told"][device]) - 1, start, heard + lasted, heard + lasted, lasted, open=True)

    def _start(self, device: int) -> int:
        """Return when a silence began: at the last reading, as the device told its time.

        A silence is named after its beginning. A device whose clock starts over might give an earlier one's name to
        another, and that would be told to nobody; then its arrival stands in.
        """
        heard, said, begun = (int(self.slots[name][device]) for name in ("heard", "said", "begun"))
        told = heard if said == NEVER else said
        return told if told >= begun else max(heard, begun)

    def _closed(self, device: int, now: int) -> Lull:
        known = self.slots
        heard, start, opened = (int(known[name][device]) for name in ("heard", "begun", "opened"))
        known["opened"][device] = NEVER
        known["told"][device] += 1
        self._open -= 1
        end = max(now, opened)
        return Lull(device, int(known["told"][device]) - 1, start, opened, end, max(now - heard, 0), open=False)


def _last(words: IntArray) -> int:
    """Return the last time that was told, NEVER where none was."""
    told = words[words != NEVER]
    return int(told[-1]) if len(told) else NEVER
