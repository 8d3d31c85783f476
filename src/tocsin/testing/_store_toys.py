"""Small tidings to fill a store with, the same at every call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.live import Position
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.store import Entry, State, Store, open_store

Kind = Literal["open", "update", "close", "held"]
FEED, LANE = "feed", "0/1"


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """Yield a store that is closed in the end."""
    store = open_store(url)
    try:
        yield store
    finally:
        store.close()


def notice(id: str = "1f", revision: int = 0, kind: Kind = "open", *, device: str = "pump-1", end: int = 20) -> Notice:
    """Return news of an incident."""
    going = kind in ("open", "update")
    return Notice(id, revision, kind, "anomaly", "", device, 10, 12, 15, end, going, 3.0, 2.0, "major")


def kept(times: Sequence[int], *, device: str = "pump-1", score: float = 1.0) -> Kept:
    """Return verdicts of one device."""
    n = len(times)
    whole = np.full(n, score)
    ok = np.zeros(n, np.uint8)
    return Kept(
        "", (device,), np.zeros(n, np.int64), np.array(times, np.int64), whole, whole + 1, ok, np.full(n, NEVER)
    )


def entry(
    epoch: int, tidings: Tidings, *, judged: str = "1", sinks: Sequence[str] = ("log",), state: State | None = None
) -> Entry:
    """Return what a batch is written with."""
    return Entry(FEED, LANE, epoch, Position(judged), tidings, tuple(sinks), state)


def told(store: Store, *news: Notice, sinks: Sequence[str] = ("log",)) -> tuple[Notice, ...]:
    """Claim the lane, write news, and return what was new."""
    return store.write(entry(store.claim(FEED, LANE, "check").epoch, Tidings(news), sinks=sinks))
