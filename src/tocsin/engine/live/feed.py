"""The feed: one source, its lanes and those whom its readings are for, in one thread, from poll to store."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from tocsin.core.forwards import raw_bytes
from tocsin.core.frames import Frame
from tocsin.core.live import Batch, Source
from tocsin.core.notices import Notice
from tocsin.core.progress import report
from tocsin.core.tidings import Tidings
from tocsin.engine.live._hold import Hold
from tocsin.engine.live._holdings import Holdings
from tocsin.engine.live._listening import Listening
from tocsin.engine.live._patience import Halted, Patience
from tocsin.engine.live._remarks import Remarks
from tocsin.engine.live._tally import Tally
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.journal import Journal
from tocsin.engine.live.meters import Meters
from tocsin.engine.live.pace import Pace
from tocsin.store import Store, Superseded

_LOG = logging.getLogger(__name__)


Onlooker = Callable[[Sequence[Frame], Sequence[Notice]], None]
"""Is shown verdicts and news; must neither raise nor wait."""


class Feed:
    """Reads a source, judges what it brings, and writes what came of it, batch by batch, losing nothing.

    A source that cannot be read again is given a journal. Nothing is read while the store is away.

    Parameters
    ----------
    name
        Under which the store knows it: keep it over restarts.
    source
        Where readings come from; opened by :meth:`open`, closed by :meth:`close`.
    duties
        Whom its readings are for.
    store
        Where everything is written.
    sinks
        Names of the sinks that get the notices.
    pace
        What bounds a batch, and how often what is remembered is written.
    meters
        Counts.
    fresh
        Forget what was remembered under this name, the journal too.
    onlooker
        Is shown all verdicts with their values, and the news, once what is kept of them is safe.

    Examples
    --------
    A feed runs until its source ends or somebody stops it::

        feed = Feed("plant", source, duties, store, sinks=("log",))
        feed.run(threading.Event())
    """

    def __init__(
        self,
        name: str,
        source: Source,
        duties: Sequence[Duty],
        store: Store,
        *,
        sinks: Sequence[str] = (),
        pace: Pace | None = None,
        meters: Meters | None = None,
        fresh: bool = False,
        onlooker: Onlooker | None = None,
    ) -> None:
        self.name, self.pace = name, pace or Pace()
        self.meters = Meters() if meters is None else meters
        self.beat = time.monotonic()
        """When it last finished a round, on the monotonic clock in s."""
        self.on_news: Callable[[], None] = lambda: None
        """Called when there is news for the sinks."""
        self._store, self._fresh, self._inner = store, fresh, source
        self._patience = Patience(self.meters, threading.Event())
        self._holdings = Holdings(
            name,
            store,
            duties=duties,
            sinks=sinks,
            pace=self.pace,
            meters=self.meters,
            patience=self._patience,
            shared=source.shared,
            fresh=fresh,
        )
        self._journal = None if source.replayable else Journal(source, store, name, keeper=self._holdings)
        self._source: Source = self._journal or source
        self._holdings.commit, self._holdings.shown = self._source.commit, onlooker is not None
        self._holdings.cut = self._journal.cut if self._journal else None
        self._remarks = Remarks(name, live=source.live)
        self._holdings.on_aside = self._remarks.put_aside
        self._listening, self._onlooker = Listening(), onlooker
        self._tally = Tally(name, self.meters, queues=self._journal is not None)
        self._wanted: tuple[Sequence[Duty], Sequence[str]] | None = None

    @property
    def promise(self) -> str:
        """What its source promises."""
        return self._inner.promise

    def trouble(self) -> str:
        """Return what it waits for, in a sentence; "" while nothing is wrong."""
        if self._patience.trouble:
            return self._patience.trouble
        if not self._holdings.held:
            return f"{self.name}: no lane has been assigned yet."
        return "" if self._source.connected() else f"{self.name}: the source is not connected."

    def exchange(self, duties: Sequence[Duty], sinks: Sequence[str]) -> None:
        """Go on with other duties and sinks from the next batch on; may be called from another thread.

        What devices of an artifact remember stays where the artifact is the same.
        """
        self._wanted = (duties, sinks)

    def run(self, stop: threading.Event) -> None:
        """Work until the source ends or ``stop`` is set; then what is remembered is written and the source closed.

        Raises
        ------
        TocsinError
            As the source, the store and the artifacts raise it.
        """
        self._patience.stop = stop
        try:
            self.open()
            while not stop.is_set() and self.step():
                pass
            self._holdings.release()
        except Halted:
            _LOG.warning("Stopped while the store was away; what was not written is read or judged again.")
        finally:
            self._source.close()

    def open(self) -> None:
        """Open the source and take over its lanes."""
        if self._fresh and self._inner.shared:
            self._patience(lambda: self._store.forget(self.name))
        self._note_duties()
        self._source.open(self._holdings)

    def step(self) -> bool:
        """Poll once, and see to what came; tell whether there can be more.

        Raises
        ------
        Superseded
            If another process reads this source under the same name.
        """
        try:
            batch = self._source.poll(self.pace.most_rows, self.pace.most_ms / 1e3)
            came = time.monotonic()
            self._take_over()
            self._see_to(batch)
        except Superseded as error:
            self._give_way(error)
            return True
        connected = self._source.connected()
        self._tally.connected(connected)
        self.beat = time.monotonic()
        if batch is not None:
            self._remarks.polled(heard=bool(len(batch.arrivals) or batch.dead), connected=connected)
            self._rest(batch, self.beat - came)
        return batch is not None

    def close(self) -> None:
        """Write what is remembered, release the lanes and close the source."""
        try:
            self._holdings.release()
        finally:
            self._source.close()

    def _take_over(self) -> None:
        """Go on with other duties and sinks, where somebody wants that."""
        if self._wanted is not None:
            wanted, self._wanted = self._wanted, None
            self._holdings.exchange(*wanted)
            self._note_duties()

    def _note_duties(self) -> None:
        self._tally.duties(self._holdings.duties)
        self._remarks.wants(name for duty in self._holdings.duties for name in duty.artifact.schema.names)

    def _see_to(self, batch: Batch | None) -> None:
        if batch is None:
            for ended in list(self._holdings.held.values()):
                self._write(ended, ended.lane.finish(), state=True)
            return
        if (hold := self._holdings.of(batch)) is not None:
            self._judge(hold, batch)
        self._tick(batch)
        self._snapshots()

    def _judge(self, hold: Hold, batch: Batch) -> None:
        """Judge a batch and write what came of it; one that brings nothing but a position is noted."""
        arrivals = batch.arrivals
        if batch.position.value:
            hold.position = batch.position
        if not (len(arrivals) or arrivals.gone or arrivals.shift_ns or batch.dead):
            return
        if any(duty.forward for duty in self._holdings.duties):
            self._tally.came(raw_bytes(arrivals) if batch.size is None else batch.size)
        began = time.monotonic()
        tidings = hold.lane.take(arrivals)
        self._tally.judged(tidings, time.monotonic() - began)
        self._remarks.judged(arrivals, tidings)
        # a shift of the stamps stands in the journal, where there is one, and a replay comes by it again
        pinned = tidings.pinned and self._journal is None
        self._write(hold, replace(tidings, dead=(*batch.dead, *tidings.dead), pinned=pinned))
        self._tally.written(hold.lane.newest if self._inner.live else None, batch.waiting)
        if not self._inner.live:
            report(f"watching {self.name}", self._tally.readings, self._tally.readings + (batch.waiting or 0))

    def _rest(self, batch: Batch, cost_s: float) -> None:
        """Let readings gather, where none wait already."""
        behind = batch.waiting or not self._inner.live or self._replaying
        if len(batch.arrivals) and not behind:
            self._patience.stop.wait(self.pace.rest_s(len(batch.arrivals), cost_s))

    @property
    def _replaying(self) -> bool:
        """Whether something lies in the journal that is to be judged again."""
        return self._journal is not None and self._journal.replaying

    def _tick(self, batch: Batch) -> None:
        """Let lanes notice silence, where somebody listened, and nothing can wait to be read."""
        brought = bool(len(batch.arrivals))
        reached = self._inner.live and self._source.connected() and not self._replaying
        quiet = reached and (batch.waiting == 0 if brought else not batch.waiting)
        self._listening.follow(self._holdings.held, time.monotonic(), quiet=quiet)
        if brought:
            self._listening.heard(batch.lane)
        if not quiet:
            return
        self._tally.quiet()
        for name, hold in list(self._holdings.held.items()):
            if name != batch.lane or not brought:
                tidings = hold.lane.tick(self._listening.idle_ns(name))
                if tidings.pinned or tidings.kept:
                    self._write(hold, tidings)

    def _write(self, hold: Hold, tidings: Tidings, *, state: bool = False) -> None:
        """Write what came of a batch; one of which nothing came needs no transaction until the next snapshot."""
        due = state or tidings.pinned or hold.due <= time.monotonic()
        news: tuple[Notice, ...] = ()
        if due or tidings.notices or tidings.dead or tidings.forwards or any(map(len, tidings.kept)):
            news = self._keep(hold, tidings, due=due)
        if self._onlooker is not None and (tidings.frames or news):
            self._onlooker(tidings.frames, news)

    def _keep(self, hold: Hold, tidings: Tidings, *, due: bool) -> tuple[Notice, ...]:
        """Write what came of a batch, with what the lane remembers where that is due; return the news."""
        news = self._holdings.write(hold, tidings, state=due and hold.position is not None)
        self._tally.told(news, tidings.dead)
        self._tally.forwarded(tidings)
        self._remarks.put_aside(tidings.dead)
        if news:
            self.on_news()
        if due:
            self._tally.settled(self._holdings.held.values(), self._patience(self._store.open_count))
        return news

    def _snapshots(self) -> None:
        """Write what lanes remember, where it is time and they are behind."""
        for hold in list(self._holdings.held.values()):
            if hold.behind and hold.due <= time.monotonic():
                self._write(hold, hold.lane.tick(0), state=True)

    def _give_way(self, error: Superseded) -> None:
        """Go on without a lane that another process has; where lanes cannot wander, end."""
        if not self._inner.shared:
            raise Superseded(
                f"Another watch has taken over {self.name!r}.",
                remedy="Run one watch with one store for a source, or give this source a name of its own.",
            ) from error
