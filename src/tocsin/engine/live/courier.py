"""The courier: carries the news of incidents from the store to one sink, until it has arrived."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.engine.live._owner import owner
from tocsin.engine.live.meters import Meters
from tocsin.store import Letter, StoreAway

if TYPE_CHECKING:
    from tocsin.store import Store

_LOG = logging.getLogger(__name__)
_FEW = 10
"""So many letters it begins with, until it knows how quick the sink is."""
_PATIENT = 4
"""So many doublings the rests grow by while the store is away, which costs little to ask."""
_COUNTED_S = 1.0
_REPEATED = 10_000
"""So many open incidents a receiver that forgets is reminded of at most."""


@dataclass(frozen=True)
class Patience:
    """How a courier waits.

    Parameters
    ----------
    poll_s
        So often it looks whether there is news.
    least_s, most_s
        What failed is tried again after ``least_s``, then after twice as long each time, up to ``most_s``; each time
        somewhat less, at random, so that many couriers do not call all at once.
    letters
        How many notices it takes at a time.
    slow_s
        A call of the sink that takes longer makes it take fewer at a time. Well below the time for which the store
        keeps from others what was taken.
    """

    poll_s: float = 0.2
    least_s: float = 1.0
    most_s: float = 300.0
    letters: int = 100
    slow_s: float = 5.0

    def rest_s(self, tries: int) -> float:
        """Return how long to wait after so many failures in a row, from 1.

        >>> 2.0 <= Patience().rest_s(3) <= 4.0 and 150 <= Patience().rest_s(1_000) <= 300
        True
        """
        return float(min(self.least_s * 2.0 ** min(tries - 1, 60), self.most_s) * random.uniform(0.5, 1.0))


class Courier:
    """Delivers what waits for one sink, in a thread of its own; a sink that is down holds up nobody else.

    News of one incident arrives in order: what failed holds back what comes later of the same incident, and nothing
    else. Where a sink takes nothing at all, the courier rests and then goes on where it stood, so that order is kept
    among incidents, too. What can never be delivered is put aside with the reason. A restart or a kill between sending
    and marking sends again, with the same id and revision.

    Parameters
    ----------
    name
        The sink's name, as in :class:`tocsin.store.Entry`.
    sink
        Where to; only the courier's thread calls it, and closes it at the end.
    store
        What waits.
    meters
        Where to count.
    patience
        How to wait.
    """

    def __init__(
        self, name: str, sink: Sink, store: Store, meters: Meters, *, patience: Patience | None = None
    ) -> None:
        self.name = name
        self._sink = sink
        self._store = store
        self._meters = meters
        self._patience = patience or Patience()
        self._woken = threading.Event()
        self._ending = threading.Event()
        self._refusals = 0
        self._storeless = 0
        self._resting_until = 0.0
        self._repeated = 0.0
        self._unmarked: _Outcome | None = None
        self._until = 0.0
        self._counted = 0.0
        self._few = min(_FEW, self._patience.letters)
        self._owner = owner()
        self._thread = threading.Thread(target=self._run, name=f"courier {name}", daemon=True)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def wake(self) -> None:
        """Look for news now instead of at the next poll."""
        self._woken.set()

    def stop(self, timeout_s: float = 2.0) -> bool:
        """Deliver what is due as far as time allows, and end; tell whether it has ended.

        A sink that hangs is left behind: what it did not acknowledge waits in the store.
        """
        self._until = time.monotonic() + timeout_s
        self._ending.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._ending.is_set():
            if not self._turn():
                self._woken.wait(self._patience.poll_s)
                self._woken.clear()
        if not self._refusals:
            self._resting_until = 0.0
        while self._turn() and time.monotonic() < self._until:
            pass
        try:
            self._sink.close()
        except Exception:
            _LOG.exception("sink %s could not be closed", self.name)

    def _turn(self) -> bool:
        """Deliver once; tell whether there may be more at once."""
        if time.monotonic() < self._resting_until:
            return False
        try:
            again = self._deliver() or self._repeat()
            self._storeless = 0
            return again
        except StoreAway as away:
            _LOG.log(logging.DEBUG if self._storeless else logging.WARNING, "sink %s waits: %s", self.name, away)
        except Exception:  # a thread that ends here would be missed by nobody
            _LOG.exception("sink %s cannot be served", self.name)
        self._storeless += 1
        self._meters.add("tocsin_store_failures_total")
        self._rest(min(self._storeless, _PATIENT))
        return False

    def _deliver(self) -> bool:
        self._mark()
        self._look()
        letters = self._store.take(self.name, holder=self._owner, now_ns=time.time_ns(), most=self._few)
        if not letters:
            return False
        begin = time.monotonic()
        outcome = _sorted(letters, self._sent([letter.notice for letter in letters]))
        self._few = max(1, self._few // 4) if time.monotonic() - begin > self._patience.slow_s else self._few * 2
        self._few = min(self._few, _FEW if outcome.away else self._patience.letters)
        self._count(outcome)
        self._unmarked = outcome
        self._mark()
        return not outcome.away

    def _sent(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Send notices; whatever the sink does, it comes back as failures."""
        try:
            return self._sink.send(notices)
        except Exception as error:
            if len(notices) > 1:  # it may be about one of them
                return [failure for notice in notices for failure in self._sent([notice])]
            _LOG.exception("sink %s failed", self.name)
            return [Failure(notice, f"{type(error).__name__}: {error}") for notice in notices]

    def _mark(self) -> None:
        """Write down what became of letters; while the store is away that is owed, and nothing else is sent."""
        if (outcome := self._unmarked) is None:
            return
        self._store.delivered(outcome.delivered)
        for reason, numbers in outcome.aside.items():
            _LOG.error("sink %s refuses %d notices for good: %s", self.name, len(numbers), reason)
            self._store.put_aside(numbers, reason=reason)
        for (reason, tries), numbers in outcome.failed.items():
            # while it takes nothing at all, they stay due, and the courier itself rests
            until = 0.0 if outcome.away else self._patience.rest_s(tries)
            self._store.postpone(numbers, until_ns=time.time_ns() + int(until * 1e9), reason=reason)
        self._unmarked = None
        self._refusals = self._refusals + 1 if outcome.away else 0
        if outcome.away:
            reason, _ = next(iter(outcome.failed))
            _LOG.warning("sink %s takes nothing: %s; tries so far: %d", self.name, reason, self._refusals)
            self._rest(self._refusals)

    def _count(self, outcome: _Outcome) -> None:
        failed = sum(map(len, outcome.failed.values())) + sum(map(len, outcome.aside.values()))
        self._meters.add("tocsin_sink_failures_total", failed, (self.name,))
        self._meters.add("tocsin_sink_delivered_total", len(outcome.delivered), (self.name,))

    def _look(self) -> None:
        """Show how many wait, now and then."""
        if time.monotonic() >= self._counted + _COUNTED_S:
            self._counted = time.monotonic()
            self._meters.set("tocsin_outbox_waiting", self._store.waiting(self.name), (self.name,))

    def _rest(self, tries: int) -> None:
        self._resting_until = time.monotonic() + self._patience.rest_s(tries)
        self._woken.clear()

    def _repeat(self) -> bool:
        """Tell a receiver that forgets once more of all that is open, as if it had just opened."""
        if not self._sink.repeat_s or time.monotonic() < self._repeated + self._sink.repeat_s:
            return False
        self._repeated = time.monotonic()
        found = [one.notice for one in self._store.incidents(open=True, most=_REPEATED)]
        going = [replace(notice, kind="open") for notice in found if notice.kind in ("open", "update")]
        if going and (failures := self._sent(going)):
            _LOG.warning("sink %s was not reminded of %d incidents: %s", self.name, len(failures), failures[0].reason)
        return False


@dataclass(frozen=True)
class _Outcome:
    """What became of letters, by their numbers; ``failed`` by reason and number of tries, ``aside`` by reason."""

    delivered: list[int] = field(default_factory=list)
    failed: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    aside: dict[str, list[int]] = field(default_factory=dict)

    @property
    def away(self) -> bool:
        """Whether the sink took nothing at all."""
        return bool(self.failed) and not self.delivered and not self.aside


def _sorted(letters: Sequence[Letter], failures: Sequence[Failure]) -> _Outcome:
    found = {(failure.notice.id, failure.notice.revision): failure for failure in failures}
    outcome = _Outcome()
    for letter in letters:
        failure = found.get((letter.notice.id, letter.notice.revision))
        if failure is None:
            outcome.delivered.append(letter.number)
        elif failure.final:
            outcome.aside.setdefault(failure.reason, []).append(letter.number)
        else:
            outcome.failed.setdefault((failure.reason, letter.tries + 1), []).append(letter.number)
    return outcome
