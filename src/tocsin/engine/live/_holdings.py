"""The lanes that a feed has in hand: claimed, written and released as its source tells."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from tocsin.core.arrivals import DeadLetter
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Batch, Position
from tocsin.core.notices import Notice
from tocsin.core.tidings import Tidings
from tocsin.engine.live._hold import Hold
from tocsin.engine.live._owner import owner
from tocsin.engine.live._patience import Halted, Patience
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.live.meters import Meters
from tocsin.engine.live.pace import Pace
from tocsin.store import Entry, State, Store, Superseded

T = TypeVar("T")

STRAY_S = 60.0
"""So long a source may bring readings of a lane that another process has claimed."""

_SHARE = re.compile(r"\d+/(\d+)")

_LOG = logging.getLogger(__name__)


class Holdings:
    """Keeps the lanes of a feed; what a source is told to tell.

    Parameters
    ----------
    feed
        The feed's name, under which the store knows its lanes.
    store
        Where everything is written.
    duties
        Whom the readings are for.
    sinks
        Names of the sinks that get the notices.
    pace
        How often what is remembered is written.
    meters
        Counts.
    patience
        Calls the store.
    shared
        May a lane be taken over by another process while this one runs?
    fresh
        Forget what the lanes remembered.
    """

    def __init__(
        self,
        feed: str,
        store: Store,
        *,
        duties: Sequence[Duty],
        sinks: Sequence[str],
        pace: Pace,
        meters: Meters,
        patience: Patience,
        shared: bool,
        fresh: bool,
    ) -> None:
        self.duties, self.sinks = tuple(duties), tuple(sinks)
        self.held: dict[str, Hold] = {}
        self.cut: Callable[[str, Position], int] | None = None
        """Tells, of a lane and the position of a snapshot, up to where its journal may be cut, if there is one."""
        self.commit: Callable[[str, Position], None] = lambda *_: None
        """Told, of a lane, up to where everything is safe."""
        self.on_aside: Callable[[Sequence[DeadLetter]], None] = lambda _: None
        """Shown messages that mean nothing."""
        self.shown = False
        """Does somebody look on, so that lanes tell all verdicts?"""
        self._feed, self._store, self._pace, self._meters = feed, store, pace, meters
        self._patiently, self._shared, self._fresh = patience, shared, fresh
        self._dropped: dict[str, float] = {}
        self._left: list[Notice] = []
        self._owner = owner()

    def assigned(self, lane: str) -> Position | None:
        """Claim a lane, and go on with what it remembered.

        Raises
        ------
        SettingError
            If the store holds the memory of another number of workers.
        """
        self._start_anew(lane)
        self._dropped.pop(lane, None)
        hold = self.held[lane] = self._claim(lane)
        self._say(logging.INFO, "A lane was taken over.", lane, devices=hold.lane.devices)
        return hold.position

    def revoked(self, lane: str) -> None:
        """Write what a lane remembers, and release it; where the store is away, the next owner judges more again."""
        if (hold := self.held.pop(lane, None)) is None:
            return
        if self._save(hold):
            self._release(hold)
        self._say(logging.INFO, "A lane was released.", lane)

    def lost(self, lane: str) -> None:
        """Drop a lane that somebody else has, without writing."""
        if self.held.pop(lane, None) is not None:
            self._say(logging.WARNING, "A lane was lost to another process, which judges what was not written.", lane)

    def of(self, batch: Batch) -> Hold | None:
        """Return the hold on a batch's lane; None for one that is in other hands, whose readings are judged there.

        Raises
        ------
        InputError
            If the source goes on bringing what another process has claimed.
        """
        dropped = self._dropped.get(batch.lane)
        if dropped is not None and time.monotonic() - dropped > STRAY_S:
            raise InputError(
                f"The source brings lane {batch.lane!r} here, but another process has claimed it in the store.",
                remedy=f"Let watches that share a store and the name {self._feed!r} share a consumer group too.",
            )
        return self.held.get(batch.lane)

    def epoch(self, lane: str) -> int:
        """Return the epoch under which a lane is held."""
        return self.held[lane].epoch

    def patiently(self, call: Callable[[], T]) -> T:
        """Return what ``call`` returns, tried again while the store is away."""
        return self._patiently(call)

    def put_aside(self, dead: Sequence[DeadLetter]) -> None:
        """Count messages that mean nothing."""
        if dead:
            self._meters.add("tocsin_dead_letters_total", len(dead), (self._feed,))
            self.on_aside(dead)

    def write(self, hold: Hold, tidings: Tidings, *, state: bool) -> tuple[Notice, ...]:
        """Write what came of a batch, with what the lane remembers where that is due; return the news.

        Raises
        ------
        Superseded
            If somebody else has claimed the lane, which is dropped then.
        """
        position = hold.position or Position("")
        cut = self.cut(hold.name, position) if state and self.cut else None
        whole = State(position, hold.lane.changed(), cut) if state else None
        entry = Entry(self._feed, hold.name, hold.epoch, position, tidings, self.sinks, whole)
        began = time.monotonic()
        news = self._try(hold, lambda: self._store.write(entry))
        took = time.monotonic() - began
        self._meters.observe("tocsin_snapshot_seconds" if state else "tocsin_writing_seconds", took, (self._feed,))
        if state:
            hold.saved(self._pace, took)
            self.commit(hold.name, position)
        return news

    def exchange(self, duties: Sequence[Duty], sinks: Sequence[str]) -> None:
        """Go on with other duties and sinks: each lane is written, and taken over anew as after a restart."""
        self.duties, self.sinks = tuple(duties), tuple(sinks)
        for name, hold in list(self.held.items()):
            try:
                if hold.behind:
                    self.write(hold, hold.lane.tick(0), state=True)
                self.held[name] = self._claim(name)
            except Superseded:
                if not self._shared:
                    raise

    def release(self) -> None:
        """Write what all lanes remember, and release them."""
        for name in list(self.held):
            self.revoked(name)

    def _save(self, hold: Hold) -> bool:
        """Write what a lane remembers, if it is behind; tell whether it is safe."""
        try:
            if hold.behind:
                self.write(hold, hold.lane.tick(0), state=True)
        except (Halted, Superseded) as error:
            self._say(logging.WARNING, f"What was remembered last was not written. {error}", hold.name)
            return False
        return True

    def _release(self, hold: Hold) -> None:
        try:
            self._patiently(lambda: self._store.release(self._feed, hold.name, hold.epoch))
        except Halted:
            _LOG.debug("The store is away; the lane's next owner takes it over all the same.")

    def _claim(self, lane: str) -> Hold:
        claim = self._patiently(lambda: self._store.claim(self._feed, lane, self._owner))
        going = self._patiently(lambda: self._store.going(self._feed, lane))
        left, self._left = self._left, []
        own = Lane(self.duties, parts=claim.parts, going=[one for one in going if one not in left], shown=self.shown)
        own.end(left)
        return Hold(lane, claim.epoch, own, claim.snapshot, claim.snapshot)

    def _try(self, hold: Hold, call: Callable[[], T]) -> T:
        try:
            return self._patiently(call)
        except Superseded:
            self.held.pop(hold.name, None)
            self._dropped[hold.name] = time.monotonic()
            self._say(logging.ERROR, "Another process has taken this lane over; it is dropped here.", hold.name)
            raise

    def _start_anew(self, lane: str) -> None:
        """Forget what is not wanted any more, and refuse to forget what is."""
        known = self._patiently(lambda: self._store.lanes(self._feed))
        strange = [] if self._shared else [other for other in known if _split(other) != _split(lane)]
        if not self._fresh:
            _refuse(strange, lane)
            return
        for own in (*strange, lane):
            if self.cut is not None:  # what can be read again from the beginning is, and tells of its incidents anew
                self._left += self._patiently(partial(self._store.going, self._feed, own))
            self._patiently(partial(self._store.forget, self._feed, own))
            self._say(logging.WARNING, "What was remembered is forgotten, as asked for.", own)

    def _say(self, level: int, text: str, lane: str, *, devices: int | None = None) -> None:
        more = {} if devices is None else {"devices": devices}
        _LOG.log(level, text, extra={"feed": self._feed, "lane": lane, **more})


def _split(lane: str) -> str:
    """Return among how many workers a lane's fleet is split, "" where it is not."""
    found = _SHARE.fullmatch(lane)
    return found[1] if found else ""


def _refuse(strange: Sequence[str], lane: str) -> None:
    before = next((_split(other) for other in strange if _split(other)), "")
    if not before:
        return
    raise SettingError(
        f"The store holds the memory of a fleet split among {before} workers; now there are to be {_split(lane) or 1}.",
        remedy=f"Run with workers={before} until it is idle, then start once with --fresh, or do that at once.",
    )
