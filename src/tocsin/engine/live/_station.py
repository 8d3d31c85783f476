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
from tocsin.engine.live._columns import Columns, Rows
from tocsin.engine.live._forwarding import Forwarding
from tocsin.engine.live._grouping import Grouping
from tocsin.engine.live._shelf import Shelf
from tocsin.engine.live._sight import Sight
from tocsin.engine.live._silence import Lull, Silence
from tocsin.engine.live._slots import Slots
from tocsin.engine.live._tale import Tale
from tocsin.engine.live._telling import in_order_of_opening, kept_of, notice_of, silence_of, stale_of
from tocsin.engine.live._waiting import Several, Waiting
from tocsin.engine.live.duty import Duty
from tocsin.engine.pipeline import Pipeline

_LOG = logging.getLogger(__name__)

_FOREIGN = "It has none of the channels that are judged. Send one of them at least:"
_PIECES = (
    "Its channels come one by one, and the artifact knows readings by their rows alone. "
    "Send whole readings, or train on readings with times."
)


class Station:
    """One duty's devices in a lane.

    Parameters
    ----------
    duty
        What is to be done.
    shown
        Does somebody look on? Then all verdicts are told, with their values.
    """

    def __init__(self, duty: Duty, *, shown: bool = False) -> None:
        self.duty = duty
        self._sight = Sight(duty) if shown else None
        self._pipeline = Pipeline(duty.artifact, witness=self._sight.witness if self._sight else None)
        self._columns = Columns(duty.artifact)
        # counted anew from 0, a device that comes back would give its incidents the names of earlier ones
        forget_ns = 0 if duty.artifact.provenance.row_clock else duty.forget_after_ns
        self._silence = Silence(duty.silence_ns, forget_ns)
        self._grouping = Grouping(duty)
        self._counted = Slots({"rows": 0})
        self._waiting = _waiting(duty)
        self._forwarding = Forwarding(duty.forward, duty, self._pipeline.name) if duty.forward else None
        self._slots = (self._silence.slots, self._grouping.slots, self._counted)
        self._shelf = Shelf(
            duty,
            self._pipeline,
            self._slots,
            grouping=self._grouping,
            waiting=self._waiting,
            forwarding=self._forwarding,
        )
        self._over = Tale()
        self.devices = 0
        self.renewed = False
        """Is what is remembered of the readings that of another artifact, so that it starts anew?"""

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
        self._shelf.touch(device)
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

    def unfit(self, arrivals: Arrivals, rows: Rows) -> tuple[IntArray, str]:
        """Return which of the readings at ``rows`` cannot be judged, and why."""
        artifact = self.duty.artifact
        if arrivals.pieces and artifact.provenance.row_clock and len(artifact.schema) > 1:
            return np.arange(len(arrivals.time[rows])), _PIECES
        found = self._columns.foreign(arrivals, rows)
        if found is None:
            return np.zeros(0, np.int64), ""
        return np.flatnonzero(found), f"{_FOREIGN} {', '.join(artifact.schema.names)}."

    def due(self, now: int, tale: Tale) -> bool:
        """Judge what has waited long enough by now, and tell of long silences; return whether there were any."""
        waited = self._waiting is not None and self._let_go(self._waiting.due(now), tale)
        lulls = self._silence.due(now)
        self._lulls(lulls, tale)
        over, self._over = self._over, Tale()
        tale.join(over)
        return waited or bool(lulls) or over.speaks

    def goodbye(self, device: int, when: int, tale: Tale) -> None:
        """Take it that a device went away."""
        self._lulls(self._silence.goodbye(device, when), tale)

    def shift(self, by_ns: int) -> None:
        """Count so much time as if it had not passed."""
        self._silence.shift(by_ns)
        if self._waiting is not None and len(self._waiting):
            self._waiting.shift(by_ns)
            self._shelf.touch_waiting()
        self._shelf.touch_all()

    def forget(self, now: int, tale: Tale) -> list[str]:
        """Forget devices that have long been silent; return their names."""
        return self._dismiss(self._silence.forgotten(now), tale, forgotten=True)

    def hand_over(self, devices: IntArray) -> None:
        """Forget devices that belong to another duty from now on; what was open is told to be over."""
        self._dismiss(devices, self._over)

    def follow(self, going: Mapping[str, Notice]) -> None:
        """Let the ends that are about to be told follow what was told last: that may be later than what is remembered.

        Parameters
        ----------
        going
            Last news of incidents, by id.
        """
        self._over.notices = [_behind(notice, going.get(notice.id, notice)) for notice in self._over.notices]

    def asks(self, device: str) -> bool:
        """Tell whether a device's silence would be told."""
        return bool(self.duty.silence_ns and self.duty.artifact.policy.heeded([device])[0])

    def ends(self, incident: str) -> bool:
        """Tell whether an incident's end is about to be told."""
        return any(notice.id == incident for notice in self._over.notices)

    def drop(self, devices: IntArray, tale: Tale) -> list[str]:
        """Forget those of some devices of which nothing could ever be judged; return their names."""
        return self._dismiss(devices[self._silence.slots["heard"][devices] == NEVER], tale)

    def _dismiss(self, devices: IntArray, tale: Tale, *, forgotten: bool = False) -> list[str]:
        if not len(devices):
            return []
        if self._waiting is not None and len(self._waiting):
            self._let_go(self._waiting.leave(devices), tale)
        self._close(self._pipeline.flush(devices), tale)
        self._lulls(self._silence.dismiss(devices, forgotten=forgotten), tale)
        names = [self._pipeline.name(device) for device in devices.tolist()]
        self._pipeline.leave(devices)
        self._blank(devices)
        self._shelf.touch(devices)
        self.devices -= len(devices)
        return names

    def finish(self, tale: Tale) -> None:
        """Close what is open, as at the end of a file."""
        if self._waiting is not None:
            self._let_go(self._waiting.finish(), tale)
        self._close(self._pipeline.flush(), tale)
        self._shelf.touch_all()

    def changed(self) -> dict[str, bytes | None]:
        """Return the parts of the state that changed, None for one that is gone."""
        return self._shelf.changed()

    def saved(self) -> None:
        """Take all parts as written."""
        self._shelf.saved()

    def resume(self, parts: Mapping[str, bytes]) -> dict[str, int]:
        """Go on from parts of the state; return the devices' places by name.

        Where they are of another artifact, devices stay known; what was remembered of their readings is dropped, and
        incidents that were open are over.
        """
        read = self._shelf.unpacked(parts)
        seats = self._shelf.seats(read)
        where, names = np.fromiter(seats.values(), np.int64, len(seats)), list(seats)
        self._pipeline.seat(where, names)
        self._settle(where, names)
        self._over.tell(self._shelf.restore(read))
        self._lulls(self._silence.resume(where, self.duty.artifact.policy.heeded(names)), self._over)
        self.renewed = self._shelf.strange(read)
        if self.renewed:
            self._shelf.touch_all()
            said = "Duty %r has another artifact than before: what was remembered of %d devices starts anew."
            _LOG.warning(said, self.duty.name, len(seats))
        return seats

    def _settle(self, where: IntArray, names: Sequence[str]) -> None:
        self._blank(where)
        self._silence.mind(where, self.duty.artifact.policy.heeded(names))
        self._shelf.touch(where)
        self.devices += len(where)

    def _blank(self, where: IntArray) -> None:
        """Remember nothing of the devices at these places."""
        for slots in self._slots:
            slots.settle(where)
        if self._forwarding is not None:
            self._forwarding.settle(where)

    def _judge(self, arrivals: Arrivals, rows: Rows, device: IntArray, heard: IntArray, tale: Tale) -> None:
        """Judge readings, or let them wait for others where they may come out of order or piece by piece."""
        values, bad = self._columns.values(arrivals, rows)
        time, arrived = arrivals.time[rows], arrivals.arrived[rows]
        if self._waiting is None or not (arrivals.pieces or self.duty.allowance_ns):
            self._push(Readings(self.duty.artifact.schema, device, time, values, bad=bad, arrived=arrived), tale)
            return
        known = values if bad is None else np.where(bad, np.nan, values)
        self._let_go(self._waiting.take(Several(device, time, known, arrived), heard), tale)
        self._shelf.touch_waiting()

    def _let_go(self, some: Several, tale: Tale) -> bool:
        """Judge readings that have waited; tell whether there were any."""
        if not len(some.device):
            return False
        self._shelf.touch(some.device)
        self._shelf.touch_waiting()
        self._push(Readings(self.duty.artifact.schema, some.device, some.time, some.values, arrived=some.arrived), tale)
        return True

    def _push(self, readings: Readings, tale: Tale) -> None:
        counted = self.duty.artifact.provenance.row_clock
        taken = replace(readings, time=self._numbered(readings.device), arrived=None) if counted else readings
        verdicts = self._pipeline.push(taken)
        if self._forwarding is not None:
            self._forwarding.take(readings, verdicts, tale)
        self._tell(verdicts, tale, of=taken)

    def _close(self, verdicts: Verdicts, tale: Tale) -> None:
        """Tell what came of closing bins."""
        if self._forwarding is not None:
            self._forwarding.close(verdicts, tale)
        self._tell(verdicts, tale)

    def _numbered(self, device: IntArray) -> IntArray:
        """Return how many readings each device had before each of these: its time where rows are the clock."""
        rows, came = self._counted["rows"], np.bincount(device)
        number = _ranks(device) + rows[device]
        rows[: len(came)] += came
        return number

    def _tell(self, verdicts: Verdicts, tale: Tale, *, of: Readings | None = None) -> None:
        """Count and keep verdicts, and tell their events."""
        named, events = self._pipeline.name, verdicts.events
        tale.count(verdicts.status)
        tale.keep(kept_of(verdicts, self.duty, named))
        if self._sight is not None:
            tale.show(self._sight.frame(verdicts, named))
        if not events:
            return
        groups = self._grouping.of(events, self._openings(verdicts, of), named)
        self._shelf.touch_groups()
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
        self._shelf.touch(np.array([lull.device for lull in lulls]))
        kept = stale_of(lulls, self.duty, named)
        tale.count(kept.status)
        tale.keep(kept)
        if self._sight is not None:
            tale.show(self._sight.silences(kept))
        tale.tell(silence_of(lull, duty=self.duty, device=named(lull.device)) for lull in lulls)


def _behind(end: Notice, last: Notice) -> Notice:
    """Return an incident's end as the news that follows the last, of the same grade: under that it is known."""
    if end is last or end.revision > last.revision + 1:
        return end
    return replace(end, revision=last.revision + 1, grade=last.grade)


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
