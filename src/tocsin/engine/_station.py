"""A duty at work in a lane: its devices, its pipeline, and what is told of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine._columns import Columns, Rows
from tocsin.engine._grouping import Grouping
from tocsin.engine._pack import Packed, pack, unpack
from tocsin.engine._pages import PAGE, Pages, devices_on
from tocsin.engine._silence import Lull, Silence
from tocsin.engine._slots import Slots
from tocsin.engine._tale import Tale
from tocsin.engine._telling import in_order_of_opening, kept_of, notice_of, silence_of, stale_of
from tocsin.engine.duty import Duty
from tocsin.engine.pipeline import Pipeline

_LOG = logging.getLogger(__name__)
_HEAD, _PAGE = "head", "page/"


class Station:
    """One duty's devices in a lane.

    Parameters
    ----------
    duty
        What is to be done.
    """

    def __init__(self, duty: Duty) -> None:
        self.duty = duty
        self._pipeline = Pipeline(duty.artifact)
        self._columns = Columns(duty.artifact)
        # counted anew from 0, a device that comes back would give its incidents the names of earlier ones
        forget_ns = 0 if duty.artifact.provenance.row_clock else duty.forget_after_ns
        self._silence = Silence(duty.silence_ns, forget_ns)
        self._grouping = Grouping(duty)
        self._counted = Slots({"rows": 0})
        self._pages, self._head = Pages(), False
        self.devices = 0

    def unknown_at(self, first: int) -> int:
        """Return until when no device is forgotten, given when the next readings are heard."""
        return self._silence.unknown_at(first)

    @property
    def room(self) -> int:
        """How many more devices there is room for."""
        return self.duty.most_devices - self.devices

    def admit(self, names: Sequence[str]) -> IntArray:
        """Take in devices that are new; return their places."""
        where = self._pipeline.admit(names)
        self._settle(where, names)
        return where

    def take(self, arrivals: Arrivals, rows: Rows, device: IntArray, heard: IntArray, tale: Tale) -> None:
        """Judge the readings at ``rows``, of the devices at ``device``, heard at ``heard`` on the lane's clock."""
        self._pages.touch(device)
        tale.readings += len(device)
        time = arrivals.time[rows]
        if arrivals.history is None or not (history := arrivals.history[rows]).any():
            self._judge(arrivals, rows, device, time, tale)
            said = time
        else:
            now = np.flatnonzero(~history)
            tale.count(np.full(len(device) - len(now), Status.late, np.uint8))
            here = np.arange(len(arrivals))[rows][now]
            self._judge(arrivals, here, device[now], time[now], tale)
            said = np.where(history, NEVER, time)
        counted = self.duty.artifact.provenance.row_clock
        self._lulls(self._silence.hear(device, heard, np.full(len(said), NEVER) if counted else said), tale)

    def foreign(self, arrivals: Arrivals, rows: Rows) -> IntArray:
        """Return which of the readings at ``rows`` have none of the artifact's channels."""
        found = self._columns.foreign(arrivals, rows)
        return np.zeros(0, np.int64) if found is None else np.flatnonzero(found)

    def due(self, now: int, tale: Tale) -> None:
        """Tell of devices that have been silent for too long by now."""
        self._lulls(self._silence.due(now), tale)

    def goodbye(self, device: int, when: int, tale: Tale) -> None:
        """Take it that a device went away."""
        self._lulls(self._silence.goodbye(device, when), tale)

    def shift(self, by_ns: int) -> None:
        """Count so much time as if it had not passed."""
        self._silence.shift(by_ns)
        self._touch_all()

    def forget(self, now: int, tale: Tale) -> list[str]:
        """Forget devices that have long been silent; return their names."""
        devices = self._silence.forgotten(now)
        if not len(devices):
            return []
        self._tell(self._pipeline.flush(devices), tale)
        self._lulls(self._silence.dismiss(devices), tale)
        names = [self._pipeline.name(device) for device in devices.tolist()]
        self._pipeline.leave(devices)
        for slots in self._slots:
            slots.settle(devices)
        self._pages.touch(devices)
        self.devices -= len(devices)
        return names

    def finish(self, tale: Tale) -> None:
        """Close what is open, as at the end of a file."""
        self._tell(self._pipeline.flush(), tale)
        self._touch_all()

    def changed(self) -> dict[str, bytes | None]:
        """Return the parts of the state that changed, None for one that is gone."""
        found: dict[str, bytes | None] = {f"{_PAGE}{k}": self._packed(k) for k in self._pages.touched()}
        if self._head:
            found[_HEAD] = pack(Packed(self._pipeline.owner, (), self._grouping.arrays()))
        return found

    def saved(self) -> None:
        """Take all parts as written."""
        self._pages.clear()
        self._head = False

    def resume(self, parts: Mapping[str, bytes]) -> dict[str, int]:
        """Go on from parts of the state; return the devices' places by name.

        Where they are of another artifact, devices stay known, and what was remembered of their readings is dropped.
        """
        read = {name: unpack(block, f"{self.duty.name}/{name}") for name, block in parts.items()}
        numbers = sorted(int(name.removeprefix(_PAGE)) for name in read if name.startswith(_PAGE))
        seats: dict[str, int] = {}
        for number in numbers:
            self._read(number, read[f"{_PAGE}{number}"], seats)
        if _HEAD in read:
            self._grouping.write(read[_HEAD].arrays["growing"])
        self._silence.resume()
        self.saved()
        if any(part.owner != self._pipeline.owner for part in read.values()):
            self._touch_all()
            _LOG.warning(
                "Duty %r has another artifact than before: what was remembered of %d devices starts anew.",
                self.duty.name,
                len(seats),
            )
        return seats

    def _read(self, number: int, page: Packed, seats: dict[str, int]) -> None:
        named = np.array([k for k, name in enumerate(page.names) if name], np.int64)
        where, names = number * PAGE + named, [page.names[k] for k in named.tolist()]
        held = {name: array[named] for name, array in page.arrays.items()}
        self._pipeline.seat(where, names)
        self._settle(where, names)
        for slots in self._slots:
            slots.write(where, held)
        self._silence.mind(where, self.duty.artifact.policy.heeded(names))
        if page.owner == self._pipeline.owner:
            self._pipeline.memory.write(where, held)
        seats.update(zip(names, where.tolist(), strict=True))

    def _packed(self, number: int) -> bytes | None:
        where = devices_on(number, most=self._pipeline.places)
        names = tuple(self._pipeline.name(device) for device in range(where.start, where.stop))
        if not any(names):
            return None
        arrays = self._pipeline.memory.arrays(where)
        for slots in self._slots:
            arrays |= slots.arrays(where)
        return pack(Packed(self._pipeline.owner, names, arrays))

    @property
    def _slots(self) -> tuple[Slots, ...]:
        return self._silence.slots, self._grouping.slots, self._counted

    def _settle(self, where: IntArray, names: Sequence[str]) -> None:
        self._silence.settle(where, self.duty.artifact.policy.heeded(names))
        self._grouping.slots.settle(where)
        self._counted.settle(where)
        self._pages.touch(where)
        self.devices += len(where)

    def _touch_all(self) -> None:
        self._pages.touch(np.arange(self._pipeline.places))

    def _judge(self, arrivals: Arrivals, rows: Rows, device: IntArray, time: IntArray, tale: Tale) -> None:
        artifact = self.duty.artifact
        values, bad = self._columns.values(arrivals, rows)
        arrived: IntArray | None = arrivals.arrived[rows]
        if artifact.provenance.row_clock:
            time, arrived = self._numbered(device), None
        readings = Readings(artifact.schema, device, time, values, bad=bad, arrived=arrived)
        self._tell(self._pipeline.push(readings), tale, of=readings)

    def _numbered(self, device: IntArray) -> IntArray:
        """Return how many readings each device had before each of these: its time where rows are the clock."""
        rows, which = self._counted["rows"], np.unique(device)
        number = _ranks(device) + rows[device]
        rows[which] += np.bincount(device, minlength=int(which[-1]) + 1)[which]
        return number

    def _tell(self, verdicts: Verdicts, tale: Tale, *, of: Readings | None = None) -> None:
        """Count and keep verdicts, and tell their events."""
        named, events = self._pipeline.name, verdicts.events
        tale.count(verdicts.status)
        tale.keep(kept_of(verdicts, self.duty, named))
        if not events:
            return
        groups, self._head = self._grouping.of(events, self._openings(verdicts, of), named), True
        tale.tell(
            notice_of(event, duty=self.duty, device=named(event.incident.device), group=group)
            for event, group in zip(events, groups, strict=True)
        )

    def _openings(self, verdicts: Verdicts, of: Readings | None) -> Iterator[Event]:
        clock, none = self.duty.artifact.clock, np.zeros(0, np.int64)
        if of is None:
            return in_order_of_opening(verdicts.events, device=none, time=none, lateness_ns=clock.lateness_ns)
        ahead = np.zeros(len(of), np.bool_) if of.arrived is None else of.time - of.arrived > clock.ahead_ns
        time = np.where(ahead, NEVER, of.time)
        return in_order_of_opening(verdicts.events, device=of.device, time=time, lateness_ns=clock.lateness_ns)

    def _lulls(self, lulls: Sequence[Lull], tale: Tale) -> None:
        if not lulls:
            return
        named = self._pipeline.name
        self._pages.touch(np.array([lull.device for lull in lulls]))
        kept = stale_of(lulls, self.duty, named)
        tale.count(kept.status)
        tale.keep(kept)
        tale.tell(silence_of(lull, duty=self.duty, device=named(lull.device)) for lull in lulls)


def _ranks(device: IntArray) -> IntArray:
    """Return the place of each entry among those of its device."""
    order = np.argsort(device, kind="stable")
    own = device[order]
    ranks = np.empty(len(device), np.int64)
    ranks[order] = np.arange(len(own)) - np.searchsorted(own, own)
    return ranks
