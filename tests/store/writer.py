"""A process that writes numbered batches to a store until it has written enough, is superseded, or is killed.

``python writer.py URL LANE FIRST COUNT``: after each batch its number is printed, and is then promised to be safe.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import DeadLetter
from tocsin.core.live import Position
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.store import Entry, State, Store, StoreAway, Superseded, open_store

FEED = "feed"
BLOCK = bytes(range(256)) * 80


def batch(lane: str, k: int, epoch: int) -> Entry:
    number = np.array([k], np.int64)
    one = np.ones(1)
    verdict = Kept("", (lane,), np.zeros(1, np.int64), number, one, one, np.zeros(1, np.uint8), np.array([NEVER]))
    news = Notice(f"{lane}-{k}", 0, "open", "anomaly", "", lane, k, k, k, k, True, 2.0, 1.0, str(epoch))
    dead = DeadLetter(lane, str(k).encode(), "no reason", k)
    state = State(Position(str(k)), {"number": str(k).encode(), "ballast": BLOCK}, cut=k)
    return Entry(FEED, lane, epoch, Position(str(k)), Tidings((news,), (verdict,), (dead,)), ("log",), state)


def patiently(store: Store, entry: Entry) -> None:
    while True:
        try:
            store.write(entry)
            return
        except StoreAway:
            time.sleep(0.01)


def say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def main(url: str, lane: str, first: int, count: int) -> None:
    store = open_store(url)
    while True:
        try:
            epoch = store.claim(FEED, lane, "writer").epoch
            break
        except StoreAway:
            time.sleep(0.01)
    say("ready")
    for k in range(first, first + count):
        try:
            patiently(store, batch(lane, k, epoch))
        except Superseded:
            say("superseded")
            return
        say(str(k))
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
