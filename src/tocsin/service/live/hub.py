"""The hub: takes what watches tell, remembers the latest of each device, and hands it to all who look on."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from tocsin.core.frames import Frame
from tocsin.service.live._audience import Viewer, Wish
from tocsin.service.live._events import event, verdicts
from tocsin.service.live._fleet import Fleet
from tocsin.service.live._standing import KeptDevices
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits

MOST_DEVICES = 50_000
MOST_DUTIES = 64
FORGET_S = 3_600.0
"""Devices not heard of for so long make room for others."""
LIVE_S = 15.0
"""A duty of which nothing was told for so long is not live."""

_LOG = logging.getLogger(__name__)


class Hub:
    """What watches tell, for all who look on. May be used from several threads.

    Nothing is kept on disk: what must survive is in the store. Memory is bounded, and no viewer holds up another.

    Parameters
    ----------
    limits
        How much is taken on.

    Examples
    --------
    >>> hub = Hub(Limits())
    >>> hub.fleets(), hub.duties
    ([], {})
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.RLock()
        self._fleets: dict[tuple[str, tuple[str, ...]], Fleet] = {}
        self._viewers: list[Viewer] = []
        self._run, self._count = f"{time.time_ns():x}", itertools.count(1)
        self._last, self._closed = 0, False
        self.kept = KeptDevices()
        """What the store tells of devices of which no watch does."""

    @property
    def viewers(self) -> int:
        """How many look on."""
        return len(self._viewers)

    @property
    def duties(self) -> Mapping[str, str]:
        """The artifact's version of each duty that was told of."""
        with self._lock:
            return {fleet.duty: fleet.artifact for fleet in self._fleets.values()}

    @property
    def lock(self) -> threading.RLock:
        """To be held while fleets are read."""
        return self._lock

    def fleets(self, duty: str | None = None) -> list[Fleet]:
        """Return what is known of each duty, or of one; to be read under :attr:`lock`."""
        return [fleet for fleet in self._fleets.values() if duty in (None, fleet.duty)]

    def is_live(self, fleet: Fleet) -> bool:
        """Tell whether a watch has told of a duty just now."""
        return time.monotonic() - fleet.heard < LIVE_S

    def take(self, frame: Frame, *, skipped: int = 0, incidents: Sequence[dict[str, Any]] = ()) -> int:
        """Take in what a watch tells, and hand it on; return how many of the verdicts were news.

        Parameters
        ----------
        frame
            Verdicts.
        skipped
            How many more there were.
        incidents
            News of incidents, as documents.
        """
        for document in incidents:
            self.tell_incident(document)
        if not len(frame):
            return 0
        with self._lock:
            fleet = self._fleet(frame)
            room = MOST_DEVICES - sum(map(len, self._fleets.values()))
            if room < len(frame.devices):
                room += self._forgotten()
            news = fleet.take(frame, now_s=time.monotonic(), room=room)
        if len(news):
            self._tell(lambda wish: _told(wish, news, skipped))
        return len(news)

    def tell_incident(self, document: dict[str, Any]) -> None:
        """Hand news of an incident on, or what somebody said of it."""
        self._tell(lambda wish: ("incident", document) if wish.wants(document) else None)

    def check_room(self) -> None:
        """Check that one more may look on.

        Raises
        ------
        ProblemError
            If there are too many already, or the service is about to end.
        """
        if self._closed:
            raise ProblemError(503, "The service is about to end.", remedy="Come back in a moment.")
        if len(self._viewers) >= self._limits.viewers:
            raise ProblemError(503, f"{len(self._viewers)} look on already.", remedy="Try again later.")

    def join(self, wish: Wish) -> Viewer:
        """Let somebody look on, from now on; called in the event loop that will take the events."""
        with self._lock:
            viewer = Viewer(wish)
            self._viewers.append(viewer)
            if self._closed:
                viewer.end()
        return viewer

    def leave(self, viewer: Viewer) -> None:
        """Let somebody look on no more."""
        with self._lock, suppress(ValueError):
            self._viewers.remove(viewer)

    def greeting(self, wish: Wish, *, after: str = "") -> bytes:
        """Return how things stand, for one who begins to look on.

        Parameters
        ----------
        wish
            What is wanted.
        after
            The last event's id of one who comes back: it is said how many events went by; null where nobody knows.
        """
        parts = []
        with self._lock:
            if after and after != f"{self._run}-{self._last}":
                run, _, number = after.partition("-")
                known = run == self._run and number.isdecimal() and int(number) <= self._last
                parts.append(event("skipped", {"events": self._last - int(number) if known else None}))
            for fleet in self.fleets(wish.duty):
                found = wish.of(fleet.frame(np.arange(len(fleet))))
                if len(found):
                    number = f"{self._run}-{self._last}"
                    parts.append(event("verdicts", verdicts(found, snapshot=True), number=number))
        return b"".join(parts)

    def close(self) -> None:
        """Send everybody home. May be called from any thread, and more than once."""
        with self._lock:
            self._closed = True
            viewers = list(self._viewers)
        for viewer in viewers:
            with suppress(RuntimeError):  # its loop has ended before us
                viewer.loop.call_soon_threadsafe(viewer.end)

    def _fleet(self, frame: Frame) -> Fleet:
        key = (frame.duty, frame.channels)
        if key not in self._fleets:
            self._make_room()
            self._fleets[key] = Fleet(frame)
        return self._fleets[key]

    def _make_room(self) -> None:
        """Drop what watches no longer tell of, where there are too many duties, or one has other channels now."""
        gone = [key for key, fleet in self._fleets.items() if not self.is_live(fleet)]
        if len(self._fleets) - len(gone) >= MOST_DUTIES:
            raise ProblemError(422, f"More than {MOST_DUTIES} duties are told of.", remedy="Run another service.")
        if len(self._fleets) >= MOST_DUTIES:
            self._fleets = {key: fleet for key, fleet in self._fleets.items() if key not in gone}

    def _forgotten(self) -> int:
        """Forget devices that nobody has heard of for long; return how many."""
        before = sum(map(len, self._fleets.values()))
        for fleet in self._fleets.values():
            fleet.forget(time.monotonic() - FORGET_S)
        return before - sum(map(len, self._fleets.values()))

    def _tell(self, told: Any) -> None:
        """Write an event once for all who want the same, and let it wait for each of them."""
        with self._lock:
            self._last = next(self._count)
            number, groups = f"{self._run}-{self._last}", defaultdict(list)
            for viewer in self._viewers:
                groups[viewer.wish, viewer.loop].append(viewer)
        for (wish, loop), viewers in groups.items():
            if (found := told(wish)) is not None:
                with suppress(RuntimeError):  # a loop that has ended has no viewers
                    loop.call_soon_threadsafe(_offer, viewers, event(*found, number=number))


def _offer(viewers: Iterable[Viewer], told: bytes) -> None:
    for viewer in viewers:
        viewer.offer(told)


def _told(wish: Wish, news: Frame, skipped: int) -> tuple[str, dict[str, Any]] | None:
    wanted = wish.of(news)
    return ("verdicts", verdicts(wanted, skipped=skipped + len(news) - len(wanted))) if len(wanted) else None
