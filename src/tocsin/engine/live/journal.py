"""The journal: makes a source that forgets what it brought into one that can be read again."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import ClassVar, Protocol, TypeVar

from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.errors import InputError
from tocsin.core.live import Batch, Lanes, Position, Source
from tocsin.engine.live._block import decoded, encoded
from tocsin.engine.live._repeats import BLOCKS, MOST, Repeats
from tocsin.store import Store

T = TypeVar("T")

SUSPICIOUS_S = 60.0
"""So long after a connection was made a broker may deliver again what it was not told to forget."""
STALL_NS = 2 * 10**9
"""Who does not poll for longer than this has made readings wait, and silence is not counted for so long."""
SAY_AGAIN_S = 10.0
"""So long nothing more is said of what a broker delivers again."""

_READ = 256
_START = -1

_LOG = logging.getLogger(__name__)


class Keeper(Lanes, Protocol):
    """What the journal asks of whoever keeps the lanes."""

    def epoch(self, lane: str) -> int:
        """Return the epoch under which a lane is held."""

    def patiently(self, call: Callable[[], T]) -> T:
        """Return what ``call`` returns, tried again while the store is away."""

    def put_aside(self, dead: tuple[DeadLetter, ...]) -> None:
        """Count messages that mean nothing."""


@dataclass(eq=False)
class _Shelf:
    """One lane's journal: what is to be judged again, and what was last written."""

    replay: Iterator[Batch]
    last: int
    left_at: int
    repeats: Repeats = field(default_factory=Repeats)
    tail: deque[tuple[int, int]] = field(default_factory=deque)
    memory: bytes = b""
    replaying: bool = True
    suspicious_until: float = 0.0
    again: int = 0
    say_again_at: float = 0.0

    def remember(self, seq: int, arrivals: Arrivals) -> None:
        self.last = seq
        self.tail.append((seq, len(arrivals)))
        self.repeats.remember(arrivals)

    def cut(self, seq: int) -> int:
        """Return up to where rows may go once ``seq`` is in a snapshot, and take them as gone.

        What is remembered to know it again stays, so that it can be known after a restart too.
        """
        readings, keep = 0, len(self.tail)
        while keep and len(self.tail) - keep < BLOCKS and readings < MOST:
            keep -= 1
            readings += self.tail[keep][1]
        upto = min(seq, self.tail[keep][0] - 1) if self.tail else seq
        while self.tail and self.tail[0][0] <= upto:
            self.tail.popleft()
        return upto


class Journal(Source):
    """Writes down what a source brings before the source may forget it, and reads from there after a restart.

    A batch is appended to the store, in one transaction with the messages among it that mean nothing and with what the
    source has to remember; then the source is told to forget it. While the store is away nothing is read. Readings
    that a broker delivers once more, because it was not told in time, are dropped: those with the device, time,
    channels and values of one among the last 20,000.

    Parameters
    ----------
    inner
        The source; not one that is replayable, which needs no journal.
    store
        Where the journal lies.
    feed
        Whose it is.
    keeper
        Keeps the lanes.
    """

    replayable: ClassVar[bool] = True

    def __init__(self, inner: Source, store: Store, feed: str, *, keeper: Keeper) -> None:
        self._inner, self._store, self._feed, self._keeper = inner, store, feed, keeper
        self._shelves: dict[str, _Shelf] = {}

    def open(self, lanes: Lanes) -> None:
        """Open the source; what lies in the journal behind the snapshot comes before anything new."""
        self._inner.open(_Between(self, lanes))

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return what is to be judged again, then what the source brings, once that is written down."""
        for shelf in self._shelves.values():
            if (batch := next(shelf.replay, None)) is not None:
                return batch
            shelf.replaying = False
        asked_at = time.monotonic_ns()
        batch = self._inner.poll(max_rows, timeout_s)
        if batch is None or batch.lane not in self._shelves:
            return batch
        shelf = self._shelves[batch.lane]
        stalled_ns = asked_at - shelf.left_at
        shelf.left_at = time.monotonic_ns()
        self._suspect(shelf, batch.arrivals, stalled_ns)
        return self._written(shelf, _eased(batch, stalled_ns) if self._inner.live else batch)

    def commit(self, lane: str, position: Position) -> None:
        """Do nothing: the source was told when the batch was written, and the rows go with the snapshot."""

    @property
    def replaying(self) -> bool:
        """Tell whether there is something to be judged again, or was a moment ago."""
        return any(shelf.replaying for shelf in self._shelves.values())

    def cut(self, lane: str, position: Position) -> int:
        """Return up to which row the journal may be cut when ``position`` is in a snapshot."""
        return self._shelves[lane].cut(int(position.value))

    def connected(self) -> bool:
        """Tell whether the source has a connection."""
        return self._inner.connected()

    def close(self) -> None:
        """Close the source."""
        self._inner.close()

    def begin(self, lane: str, snapshot: Position | None) -> None:
        """Find in the store what a lane that was just taken over has to judge again."""
        remembered = self._keeper.patiently(lambda: self._store.memory(self._feed, lane))
        if remembered:
            self._inner.recall(remembered)
        upto = _START if snapshot is None else int(snapshot.value)
        until = time.monotonic() + SUSPICIOUS_S
        shelf = _Shelf(iter(()), upto, memory=remembered, suspicious_until=until, left_at=time.monotonic_ns())
        shelf.replay = self._replay(shelf, lane, upto)
        self._shelves[lane] = shelf

    def end(self, lane: str) -> None:
        """Forget a lane that is in other hands."""
        self._shelves.pop(lane, None)

    def _replay(self, shelf: _Shelf, lane: str, upto: int) -> Iterator[Batch]:
        """Yield the batches behind the snapshot; the rows before it only tell what was heard last."""
        after = _START
        while rows := self._keeper.patiently(partial(self._store.journal, self._feed, lane, after=after, most=_READ)):
            for seq, block in rows:
                arrivals, dead = self._read(lane, seq, block)
                shelf.remember(seq, arrivals)
                if seq > upto:
                    yield Batch(arrivals, Position(str(seq)), lane, dead, size=0)
            after = rows[-1][0]

    def _read(self, lane: str, seq: int, block: bytes) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        try:
            return decoded(block), ()
        except InputError as error:
            where = f"journal of {self._feed} {lane}, row {seq}".replace("  ", " ")
            _LOG.error("%s: %s It is skipped.", where, error, extra={"feed": self._feed, "lane": lane, "row": seq})
            return Arrivals.none(), (DeadLetter(where, b"", str(error), time.time_ns()),)

    def _suspect(self, shelf: _Shelf, arrivals: Arrivals, stalled_ns: int) -> None:
        """Look out for repeats wherever a connection may just have been made."""
        if arrivals.shift_ns or stalled_ns > STALL_NS or not self._inner.connected():
            shelf.suspicious_until = time.monotonic() + SUSPICIOUS_S

    def _written(self, shelf: _Shelf, batch: Batch) -> Batch:
        arrivals = batch.arrivals
        if len(arrivals) and time.monotonic() < shelf.suspicious_until:
            arrivals = self._news(shelf, batch.lane, arrivals)
        if len(arrivals) or arrivals.gone or arrivals.shift_ns or batch.dead:
            self._append(shelf, batch.lane, arrivals, batch.dead)
        if len(batch.arrivals) or arrivals.gone or batch.dead:
            self._inner.commit(batch.lane, batch.position)
        return replace(batch, arrivals=arrivals, position=Position(str(shelf.last)), dead=())

    def _news(self, shelf: _Shelf, lane: str, arrivals: Arrivals) -> Arrivals:
        again = shelf.repeats.known(arrivals)
        if not again.any():
            return arrivals
        self._say_again(shelf, lane, int(again.sum()))
        return arrivals.take(~again)

    def _say_again(self, shelf: _Shelf, lane: str, readings: int) -> None:
        """Tell of repeats, not of each one in a trickle of them."""
        shelf.again += readings
        if time.monotonic() >= shelf.say_again_at:
            said = {"feed": self._feed, "lane": lane, "readings": shelf.again}
            _LOG.info("Readings were delivered again, and are known.", extra=said)
            shelf.again, shelf.say_again_at = 0, time.monotonic() + SAY_AGAIN_S

    def _append(self, shelf: _Shelf, lane: str, arrivals: Arrivals, dead: tuple[DeadLetter, ...]) -> None:
        memory, block = self._inner.memory(), encoded(arrivals)
        tried = False

        def append() -> int:
            nonlocal tried
            again, tried = tried, True
            if again and (row := self._after(shelf, lane)) is not None and row[1] == block:
                return row[0]
            epoch, changed = self._keeper.epoch(lane), None if memory == shelf.memory else memory
            return self._store.append(self._feed, lane, epoch, block, memory=changed, dead=dead)

        seq = self._keeper.patiently(append)
        shelf.memory = memory
        shelf.remember(seq, arrivals)
        if dead:
            self._keeper.put_aside(dead)

    def _after(self, shelf: _Shelf, lane: str) -> tuple[int, bytes] | None:
        """Return the row behind the last one: a store that went away in a commit may have it nevertheless."""
        return next(iter(self._store.journal(self._feed, lane, after=shelf.last, most=1)), None)


class _Between:
    """Hands on what the source tells of its lanes, and lets the journal follow."""

    def __init__(self, journal: Journal, lanes: Lanes) -> None:
        self._journal, self._lanes = journal, lanes

    def assigned(self, lane: str) -> Position | None:
        self._journal.begin(lane, self._lanes.assigned(lane))
        return None

    def revoked(self, lane: str) -> None:
        self._lanes.revoked(lane)
        self._journal.end(lane)

    def lost(self, lane: str) -> None:
        self._lanes.lost(lane)
        self._journal.end(lane)


def _eased(batch: Batch, stalled_ns: int) -> Batch:
    """Return a batch that says for how long nobody asked for it, where that was long enough to make readings wait."""
    if stalled_ns <= STALL_NS:
        return batch
    return replace(batch, arrivals=replace(batch.arrivals, shift_ns=batch.arrivals.shift_ns + stalled_ns))
