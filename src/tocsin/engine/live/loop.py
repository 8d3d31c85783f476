"""The loop: all feeds and couriers of a watch, started together, ended together within five seconds."""

from __future__ import annotations

import contextvars
import logging
import threading
import time
from collections.abc import Mapping, Sequence

from tocsin.core.errors import SettingError, TocsinError
from tocsin.core.live import Sink
from tocsin.engine.live.courier import Courier
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.lane import Lane
from tocsin.engine.live.meters import Meters
from tocsin.store import Store, StoreAway

FEEDS_S, ALL_S = 3.5, 4.8
"""So long feeds have to end, and everything, once it is to stop."""
SETTLE_S = 10.0
"""So long the last news has to reach the sinks once all sources have ended."""
STUCK_S = 120.0
"""A feed that finishes no round for so long, though the store answers, hangs."""
PRUNE_S = 3_600.0
FIRST_PRUNE_S = 60.0
_LOOK_S = 0.1

_LOG = logging.getLogger(__name__)


class Loop:
    """Runs feeds and couriers until all sources have ended or somebody stops it.

    Parameters
    ----------
    feeds
        What is read.
    sinks
        Who is told, by name; each feed names those that it tells.
    store
        What both share; whoever opened it closes it.
    meters
        Counts.

    Examples
    --------
    ::

        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        Loop(feeds, sinks, store, meters=meters).run(stop)
    """

    def __init__(
        self, feeds: Sequence[Feed], sinks: Mapping[str, Sink], store: Store, *, meters: Meters | None = None
    ) -> None:
        self._feeds = {feed.name: feed for feed in feeds}
        self._store, self._meters = store, Meters() if meters is None else meters
        self._sinks, self._couriers = dict(sinks), {name: self._courier(name, sink) for name, sink in sinks.items()}
        self._threads: dict[str, threading.Thread] = {}
        self._halt, self._exchanging = threading.Event(), threading.Lock()
        self._errors: list[BaseException] = []
        for feed in feeds:
            feed.on_news = self._wake

    def run(self, stop: threading.Event) -> None:
        """Run until all sources have ended, ``stop`` is set, or something cannot go on.

        Raises
        ------
        TocsinError
            What made a feed end, as it was raised there; the others were ended in good order.
        """
        for courier in self._couriers.values():
            courier.start()
        for feed in self._feeds.values():
            self._threads[feed.name] = self._thread(feed)
        threading.Thread(target=self._prune, name="tocsin-prune", daemon=True).start()
        try:
            while not stop.wait(_LOOK_S) and not self._errors and any(map(self._runs, self._feeds)):
                pass
            if not stop.is_set() and not self._errors:
                self._settle(stop)
        finally:
            self._end()
        if self._errors:
            raise self._errors[0]

    def reload(self, duties: Mapping[str, Sequence[Duty]], sinks: Mapping[str, Sink]) -> None:
        """Go on with other artifacts and sinks, from the next batch on; may be called from another thread.

        What devices remember stays where their artifact is the same. A sink that is the same object goes on; letters
        of one that is gone wait in the store for its return.

        Raises
        ------
        SettingError
            If the feeds are others: sources cannot be exchanged while they run.
        ArtifactError
            If an artifact cannot work. Nothing is exchanged then.
        """
        if set(duties) != set(self._feeds):
            raise SettingError(
                f"The sources are {', '.join(duties)}; those that run are {', '.join(self._feeds)}.",
                remedy="Restart to exchange sources.",
            )
        for own in duties.values():
            Lane(own)
        with self._exchanging:
            if self._halt.is_set():
                return
            self._exchange_sinks(sinks)
            for name, feed in self._feeds.items():
                feed.exchange(duties[name], tuple(sinks))

    def alive(self) -> str:
        """Return what is wrong with the watch itself, so that it should be started anew; "" where nothing is."""
        now = time.monotonic()
        for name, feed in self._feeds.items():
            if self._runs(name) and not feed.trouble() and now - feed.beat > STUCK_S:
                return f"{name} has finished no batch for {now - feed.beat:.0f} s."
        return str(self._errors[0]) if self._errors else ""

    def ready(self) -> str:
        """Return what the watch waits for: a broker, the store; "" where it works."""
        if not self._threads:
            return "It has not started yet."
        troubles = (feed.trouble() for name, feed in self._feeds.items() if self._runs(name))
        return next(filter(None, troubles), "")

    def _courier(self, name: str, sink: Sink) -> Courier:
        return Courier(name, sink, self._store, self._meters)

    def _wake(self) -> None:
        for courier in list(self._couriers.values()):
            courier.wake()

    def _runs(self, name: str) -> bool:
        thread = self._threads.get(name)
        return thread is not None and thread.is_alive()

    def _thread(self, feed: Feed) -> threading.Thread:
        """Start a feed in a thread that whoever listens to progress hears, too."""
        context = contextvars.copy_context()

        def work() -> None:
            try:
                context.run(feed.run, self._halt)
            except BaseException as error:  # it is raised again by run
                _LOG.debug("%s ended.", feed.name, exc_info=True)
                self._errors.append(error)

        thread = threading.Thread(target=work, name=f"feed {feed.name}", daemon=True)
        thread.start()
        return thread

    def _exchange_sinks(self, sinks: Mapping[str, Sink]) -> None:
        left = {name: courier for name, courier in self._couriers.items() if sinks.get(name) is not self._sinks[name]}
        for name, courier in left.items():
            courier.stop()
            del self._couriers[name]
        for name, sink in sinks.items():
            if name not in self._couriers:
                self._couriers[name] = self._courier(name, sink)
                self._couriers[name].start()
        self._sinks = dict(sinks)

    def _settle(self, stop: threading.Event) -> None:
        """Let the last news arrive, for a while."""
        until = time.monotonic() + SETTLE_S
        self._wake()
        while time.monotonic() < until and not stop.is_set():
            try:
                if not any(self._store.waiting(name) for name in self._couriers):
                    return
            except StoreAway:
                return
            stop.wait(_LOOK_S)

    def _end(self) -> None:
        began = time.monotonic()
        self._halt.set()
        for name, thread in self._threads.items():
            thread.join(max(0.0, began + FEEDS_S - time.monotonic()))
            if thread.is_alive():
                _LOG.error("%s did not end in time; what was not written is read or judged again.", name)
        with self._exchanging:
            left = max(0.1, began + ALL_S - time.monotonic())
            threads = [threading.Thread(target=own.stop, args=(left,), daemon=True) for own in self._couriers.values()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for name in [name for name, courier in self._couriers.items() if not courier.stop(0.0)]:
                _LOG.warning("Sink %s did not answer in time; its news waits in the store.", name)

    def _prune(self) -> None:
        """Delete what was kept for long enough, every hour."""
        wait = FIRST_PRUNE_S
        while not self._halt.wait(wait):
            wait = PRUNE_S
            try:
                gone = {what: number for what, number in self._store.prune(time.time_ns()).items() if number}
                if gone:
                    _LOG.info("Deleted what was kept for long enough.", extra=gone)
            except TocsinError as error:
                _LOG.warning("Nothing was deleted: %s", error)
