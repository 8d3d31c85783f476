"""A duty at work in a lane: its devices, its pipeline, and what is told of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import Notice
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine._columns import Columns, Rows
from tocsin.engine._grouping import Grouping
from tocsin.engine._pack import Packed, pack, unpack
from tocsin.engine._pages import PAGE, Pages, devices_on
from tocsin.engine._parting import ended
from tocsin.engine._silence import Lull, Silence
from tocsin.engine._slots import Slots
from tocsin.engine._tale import Tale
from tocsin.engine._telling import in_order_of_opening, kept_of, notice_of, silence_of, stale_of
from tocsin.engine._waiting import Several, Waiting
from tocsin.engine.duty import Duty
from tocsin.engine.pipeline import Pipeline

_LOG = logging.getLogger(__name__)
_HEAD, _WAITING, _PAGE = "head", "waiting", "page/"


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
        self._waiting = _waiting(duty)
        self._pages, self._head, self._held = Pages(), False, False
        self._ended: list[Notice] = []
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
            self._judge(arrivals, rows, device, heard, tale)
            said = time
        else:
            now = np.flatnonzero(~history)
            tale.count(np.full(len(device) - len(now), Status.late, np.uint8))
            here = np.arange(len(arrivals))[rows][now]
            self._judge(arrivals, here, device[now], heard[now], tale)
            said = np.where(history, NEVER, time)
        counted = self.duty.artifact.provenance.row_clock
        self._lulls(self._silence.hear(device, heard, np.full(len(said), NEVER) if counted else said), tale)

    def foreign(self, arrivals: Arrivals, rows: Rows) -> IntArray:
        """Return which of the readings at ``rows`` have none of the artifact's channels."""
        found = self._columns.foreign(arrivals, rows)
        return np.zeros(0, np.int64) if found is None else np.flatnonzero(found)

    def due(self, now: int, tale: Tale) -> bool:
        """Judge what has waited long enough by now, and tell of long silences; return whether there were any."""
        waited = self._waiting is not None and self._let_go(self._waiting.due(now), tale)
        lulls = self._silence.due(now)
        self._lulls(lulls, tale)
        over, self._ended = self._ended, []
        tale.tell(over)
        return waited or bool(lulls) or bool(over)

    def goodbye(self, device: int, when: int, tale: Tale) -> None:
        """Take it that a device went away."""
        self._lulls(self._silence.goodbye(device, when), tale)

    def shift(self, by_ns: int) -> None:
        """Count so much time as if it had not passed."""
        self._silence.shift(by_ns)
        if self._waiting is not None:
            self._waiting.shift(by_ns)
            self._held = True
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
        if self._waiting is not None:
            self._let_go(self._waiting.finish(), tale)
        self._tell(self._pipeline.flush(), tale)
        self._touch_all()

    def changed(self) -> dict[str, bytes | None]:
        """Return the parts of the state that changed, None for one that is gone."""
        found: dict[str, bytes | None] = {f"{_PAGE}{k}": self._packed(k) for k in self._pages.touched()}
        if self._head:
            found[_HEAD] = pack(Packed(self._pipeline.owner, (), self._grouping.arrays()))
        if self._waiting is not None and self._held:
            found[_WAITING] = pack(Packed(self._pipeline.owner, (), self._waiting.arrays()))
        return found

    def saved(self) -> None:
        """Take all parts as written."""
        self._pages.clear()
        self._head = self._held = False

    def resume(self, parts: Mapping[str, bytes]) -> dict[str, int]:
        """Go on from parts of the state; return the devices' places by name.

        Where they are of another artifact, devices stay known; what was remembered of their readings is dropped, and
        incidents that were open are over.
        """
        read = {name: unpack(block, f"{self.duty.name}/{name}") for name, block in parts.items()}
        numbers = sorted(int(name.removeprefix(_PAGE)) for name in read if name.startswith(_PAGE))
        seats = self._seat([(number, read[f"{_PAGE}{number}"].names) for number in numbers])
        for number in numbers:
            self._read(number, read[f"{_PAGE}{number}"])
        if _HEAD in read:
            self._grouping.write(read[_HEAD].arrays["growing"])
        if _WAITING in read and self._waiting is not None and read[_WAITING].owner == self._pipeline.owner:
            self._waiting.write(read[_WAITING].arrays)
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

    def _seat(self, pages: Sequence[tuple[int, tuple[str, ...]]]) -> dict[str, int]:
        """Give devices the places that they had; return them by name."""
        seats = {name: n * PAGE + k for n, names in pages for k, name in enumerate(names) if name}
        where, names = np.fromiter(seats.values(), np.int64, len(seats)), list(seats)
        self._pipeline.seat(where, names)
        self._settle(where, names)
        return seats

    def _read(self, number: int, page: Packed) -> None:
        """Remember what a page holds; of another artifact's, only what is not about the readings' values."""
        named = np.array([k for k, name in enumerate(page.names) if name], np.int64)
        where, held = number * PAGE + named, {name: array[named] for name, array in page.arrays.items()}
        minded = self._silence.slots["minded"][where]
        for slots in self._slots:
            slots.write(where, held)
        self._silence.slots["minded"][where] = minded
        if page.owner == self._pipeline.owner:
            self._pipeline.memory.write(where, held)
        else:
            self._ended += ended(page, self.duty)

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

    def _judge(self, arrivals: Arrivals, rows: Rows, device: IntArray, heard: IntArray, tale: Tale) -> None:
        """Judge readings, or let them wait for others where they may come out of order or piece by piece."""
        values, bad = self._columns.values(arrivals, rows)
        time, arrived = arrivals.time[rows], arrivals.arrived[rows]
        if self._waiting is None or not (arrivals.pieces or self.duty.allowance_ns):
            self._push(Readings(self.duty.artifact.schema, device, time, values, bad=bad, arrived=arrived), tale)
            return
        known = values if bad is None else np.where(bad, np.nan, values)
        self._let_go(self._waiting.take(Several(device, time, known, arrived), heard), tale)
        self._held = True

    def _let_go(self, some: Several, tale: Tale) -> bool:
        """Judge readings that have waited; tell whether there were any."""
        if not len(some.device):
            return False
        self._pages.touch(some.device)
        self._held = True
        self._push(Readings(self.duty.artifact.schema, some.device, some.time, some.values, arrived=some.arrived), tale)
        return True

    def _push(self, readings: Readings, tale: Tale) -> None:
        if self.duty.artifact.provenance.row_clock:
            readings = replace(readings, time=self._numbered(readings.device), arrived=None)
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


def _waiting(duty: Duty) -> Waiting | None:
    """Return where readings wait; None where the artifact's clock itself gathers them on a grid."""
    clock = duty.artifact.clock
    if clock.align:
        return None
    return Waiting(
        allowance_ns=duty.patience_ns,
        period_ns=clock.period_ns,
        channels=len(duty.artifact.schema),
        eager=not duty.allowance_ns,
    )
