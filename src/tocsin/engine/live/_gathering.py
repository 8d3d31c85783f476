"""What gathers between two frames: bounded, the newest of each device first in mind, the rest counted."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.frames import Frame, joined
from tocsin.core.notices import Notice

MOST_ROWS = 2_000
"""Verdicts in a frame."""
MOST_VALUES = 400_000
"""Values in a frame; of devices with very many channels fewer verdicts are told."""
MOST_WAITING = 50_000
"""Verdicts that wait; of more, the oldest are left out."""
MOST_NEWS = 500
"""News of incidents that wait; the store has them all."""

_Key = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True)
class Told:
    """What is told at once: verdicts of one duty, how many more there were, and news."""

    frame: Frame | None
    skipped: int
    news: tuple[Notice, ...]

    def document(self, watch: str) -> dict[str, Any]:
        """Return what is sent."""
        told = {} if self.frame is None else self.frame.document()
        return {"watch": watch, **told, "skipped": self.skipped, "incidents": [one.document() for one in self.news]}


class Gathering:
    """Takes frames from feeds, and gives them out together. May be used from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frames: deque[Frame] = deque()
        self._news: deque[Notice] = deque(maxlen=MOST_NEWS)
        self._rows, self._skipped = 0, 0
        self._chance = np.random.default_rng(0)

    def add(self, frames: Sequence[Frame], news: Sequence[Notice]) -> None:
        """Take frames and news."""
        with self._lock:
            for frame in frames:
                self._frames.append(frame)
                self._rows += len(frame)
            self._news.extend(news)
            self._bound()

    def give_back(self, left: Sequence[Told]) -> None:
        """Take back what could not be told; what has come since is newer."""
        with self._lock:
            frames = [told.frame for told in left if told.frame is not None]
            self._frames.extendleft(reversed(frames))
            self._rows += sum(map(len, frames))
            self._skipped += sum(told.skipped for told in left)
            news = [one for told in left for one in told.news] + list(self._news)
            self._news.clear()
            self._news.extend(news)
            self._bound()

    def take(self) -> list[Told]:
        """Return what has gathered, a piece for each duty."""
        with self._lock:
            frames, news, skipped = list(self._frames), tuple(self._news), self._skipped
            self._frames.clear()
            self._news.clear()
            self._rows, self._skipped = 0, 0
        by_duty: dict[_Key, list[Frame]] = {}
        for frame in frames:
            by_duty.setdefault((frame.duty, frame.artifact, frame.channels), []).append(frame)
        found = [self._chosen(joined(own)) for own in by_duty.values()] or ([Told(None, 0, ())] if news else [])
        return [Told(one.frame, one.skipped + (0 if k else skipped), () if k else news) for k, one in enumerate(found)]

    def _bound(self) -> None:
        while self._rows > MOST_WAITING and len(self._frames) > 1:
            gone = len(self._frames.popleft())
            self._rows -= gone
            self._skipped += gone

    def _chosen(self, frame: Frame) -> Told:
        """Choose what fits: the newest of each device, the worst first and the others by turns; then what came last."""
        most = min(MOST_ROWS, max(1, MOST_VALUES // max(1, len(frame.channels))))
        if len(frame) <= most:
            return Told(frame, 0, ())
        newest = _newest(frame)
        severity = frame.severity
        rank = np.where(np.isnan(severity), -1.0, severity)
        rank = np.where(rank > 1, rank, self._chance.random(len(frame)))  # so that nobody is left out for ever
        order = np.lexsort((-np.arange(len(frame)), -np.where(newest, rank, 0.0), ~newest))
        chosen: IntArray = np.sort(order[:most])
        return Told(frame.take(chosen), len(frame) - most, ())


def _newest(frame: Frame) -> BoolArray:
    """Tell which verdicts are the newest of their device."""
    order = np.lexsort((frame.time, frame.device))
    own = frame.device[order]
    found = np.zeros(len(frame), np.bool_)
    found[order[np.append(own[1:] != own[:-1], True)]] = True
    return found
