"""What tests of recovery share: a stream with everything that goes wrong, and processes that can die at any point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from tests.engine.conftest import BEGIN, messy
from tests.engine.live.streams import arrivals_of

from tocsin.alerting.span import Span
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Batch, Position, Source
from tocsin.core.notices import Notice
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.pace import Pace
from tocsin.store import Claim, Entry, Store, open_store
from tocsin.testing.toy_sources import Mailbox, MailboxSource, Shelf, ShelfSource

DEVICES = ("pump-1", "pump-2", "pump-3")
SELDOM = Pace(snapshot_s=1e6)
"""A pace at which only the first batch and the last bring a snapshot."""


class Killed(Exception):  # noqa: N818  # no error: the end of a process
    """The process was killed here."""


class Fuse:
    """Burns down by one at each point where a process may die."""

    def __init__(self, length: int) -> None:
        self.length = length

    def burn(self) -> None:
        """Die, if it is time."""
        self.length -= 1
        if self.length == 0:
            raise Killed


class FusedStore(Store):
    """A store at which a process may die, before each transaction or behind it."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        vars(self).update(vars(store))
        self._fuse = fuse

    def claim(self, feed: str, lane: str, owner: str) -> Claim:
        found = super().claim(feed, lane, owner)
        self._fuse.burn()
        return found

    def append(
        self,
        feed: str,
        lane: str,
        epoch: int,
        block: bytes,
        *,
        memory: bytes | None = None,
        dead: Sequence[DeadLetter] = (),
    ) -> int:
        self._fuse.burn()
        seq = super().append(feed, lane, epoch, block, memory=memory, dead=dead)
        self._fuse.burn()
        return seq

    def write(self, entry: Entry) -> tuple[Notice, ...]:
        self._fuse.burn()
        news = super().write(entry)
        self._fuse.burn()
        return news


class FusedMailbox(MailboxSource):
    """A connection at which a process may die, before it has acknowledged or behind it."""

    def __init__(self, mailbox: Mailbox, fuse: Fuse) -> None:
        super().__init__(mailbox)
        self._fuse = fuse

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        batch = super().poll(max_rows, timeout_s)
        self._fuse.burn()
        return batch

    def commit(self, lane: str, position: Position) -> None:
        self._fuse.burn()
        super().commit(lane, position)
        self._fuse.burn()


class FusedShelf(ShelfSource):
    """The same of a source that can be read again."""

    def __init__(self, shelf: Shelf, fuse: Fuse) -> None:
        super().__init__(shelf)
        self._fuse = fuse

    def commit(self, lane: str, position: Position) -> None:
        self._fuse.burn()
        super().commit(lane, position)
        self._fuse.burn()


def stream(n: int = 100, *, seed: int = 0) -> Arrivals:
    """Return readings of three devices, with gaps, repeats, stragglers, NaN, faults, and devices that fall silent."""
    readings = messy(n, seed=seed)
    when = np.maximum.accumulate(np.where(readings.time == NEVER, BEGIN, readings.time))
    return arrivals_of(readings, DEVICES, arrived=when)


def duty(artifact: Artifact, *, name: str = "") -> Duty:
    """Return a duty that keeps every verdict, and notices a silence of ten minutes."""
    return Duty(artifact, name=name, stale_after=Span.parse("10min", name="stale_after"), keep_every_ns=0)


def lives(
    store: Store, source: Callable[[Fuse], Source], duties: Sequence[Duty], *, fuses: Sequence[int], pace: Pace
) -> None:
    """Let processes read a source one after the other, each until its fuse is burnt, and a last one to the end."""
    for length in (*fuses, 0):
        fuse = Fuse(length)
        feed = Feed("plant", source(fuse), duties, FusedStore(store, fuse), sinks=("log",), pace=pace)
        try:
            feed.open()
            while feed.step():
                pass
            feed.close()
        except Killed:
            continue


def outcome(store: Store, duties: Sequence[str] = ("",)) -> tuple[set[str], dict[str, list[tuple[str, ...]]]]:
    """Return all that a store knows: notices, in full, and each duty's verdicts, bit for bit."""
    notices = {repr(notice) for one in store.incidents() for notice in store.incident(one.notice.id)[1]}
    return notices, {name: verdicts(store, name) for name in duties}


def verdicts(store: Store, duty: str) -> list[tuple[str, ...]]:
    """Return the verdicts of a duty, in order."""
    kept = store.verdicts(duty=duty, most=10**6)
    columns = (kept.time, kept.score, kept.limit, kept.status, kept.incident)
    names = [kept.devices[k] for k in kept.device]
    return sorted(zip(names, *(map(repr, column.tolist()) for column in columns), strict=True))


def fresh_store(folder: Path, name: str = "tocsin") -> Store:
    """Return a store in a new file."""
    return open_store(f"sqlite:///{folder}/{name}.db?synchronous=normal")
