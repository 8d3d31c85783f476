from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import DeadLetter
from tocsin.core.tidings import Kept, Tidings
from tocsin.store import Retention, Store, open_store
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice

DAY = 86_400 * 10**9
MINUTE = 60 * 10**9


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/tocsin.db"


def fill(store: Store, *, minutes: int, devices: int = 300) -> None:
    names = tuple(f"pump-{k}" for k in range(devices))
    each, ones = np.arange(devices), np.ones(devices)
    never, ok = np.full(devices, NEVER), np.zeros(devices, np.uint8)
    epoch = store.claim(FEED, LANE, "check").epoch
    for k in range(minutes):
        block = Kept("", names, each, each + k * MINUTE, ones, ones, ok, never)
        store.write(entry(epoch, Tidings((), (block,))))


def test_more_than_a_step_goes(url: str) -> None:
    store = open_store(url, retention=Retention(verdicts_ns=DAY))
    fill(store, minutes=70)
    assert store.prune(time.time_ns())["verdicts"] == 0
    assert store.prune(time.time_ns() + 2 * DAY)["verdicts"] == 70 * 300
    assert len(store.verdicts()) == 0
    store.close()


def test_a_slot_that_another_process_may_still_write_to_stays(url: str) -> None:
    """Whoever knows a slot by heart does not note it again; gone, it would hide what is written into it for ever."""
    hasty, writer = open_store(url, retention=Retention(verdicts_ns=1)), open_store(url)
    epoch = writer.claim(FEED, LANE, "check").epoch
    writer.write(entry(epoch, Tidings((), (kept([5]),))))
    hasty.prune(time.time_ns() + 60 * MINUTE)
    writer.write(entry(epoch, Tidings((), (kept([6]),))))
    assert len(writer.verdicts()) == 2
    assert hasty.prune(time.time_ns() + 3 * 60 * MINUTE)["verdicts"] == 2
    hasty.close()
    writer.close()


def test_verdicts_count_from_when_they_were_written(url: str) -> None:
    """A history of years ago that is replayed today is kept for as long as today's readings."""
    store = open_store(url)
    epoch = store.claim(FEED, LANE, "check").epoch
    store.write(entry(epoch, Tidings((notice(kind="close"),), (kept([5]),)), sinks=()))
    assert store.prune(time.time_ns() + 29 * DAY) == {"verdicts": 0, "incidents": 0, "dead_letters": 0}
    assert store.prune(time.time_ns() + 31 * DAY) == {"verdicts": 1, "incidents": 0, "dead_letters": 0}
    store.close()


def pages(store: Store) -> int:
    with store._database.reading() as connection:
        return int(connection.exec_driver_sql("PRAGMA page_count").scalar() or 0)


def test_space_is_used_again(url: str) -> None:
    store = open_store(url, retention=Retention(verdicts_ns=DAY))
    sizes = []
    for _ in range(3):
        fill(store, minutes=60)
        sizes.append(pages(store))
        store.prune(time.time_ns() + 2 * DAY)
    assert sizes[2] < 1.2 * sizes[0]
    store.close()


def test_a_big_file_shrinks(url: str) -> None:
    store = open_store(url)
    epoch = store.claim(FEED, LANE, "check").epoch
    for _ in range(20):
        store.append(FEED, LANE, epoch, bytes(10**6))
    store.forget(FEED)
    before = pages(store)
    store.prune(time.time_ns())
    assert pages(store) < before / 2
    assert store.lanes(FEED) == ()
    store.close()


def test_devices_that_were_forgotten_come_back(url: str) -> None:
    store, other = open_store(url), open_store(url)
    fill(store, minutes=1)
    assert other.prune(time.time_ns() + 40 * DAY)["verdicts"] == 300
    store.prune(time.time_ns())
    fill(store, minutes=2)
    assert len(store.verdicts(device="pump-7")) == 2
    for each in (store, other):
        each.close()


def test_a_flood_of_nonsense_fills_no_disk(url: str) -> None:
    store = open_store(url, retention=Retention(dead_most=10))
    epoch = store.claim(FEED, LANE, "check").epoch
    for k in range(5):
        dead = tuple(DeadLetter("topic", b"{", "no JSON", 100 * k + own) for own in range(7))
        store.append(FEED, LANE, epoch, b"", dead=dead)
    assert [own.arrived for own in store.dead_letters()] == [*range(406, 399, -1), 306, 305, 304]
    store.write(entry(epoch, Tidings(dead=tuple(DeadLetter("t", b"", "r", 900 + own) for own in range(50)))))
    assert [own.arrived for own in store.dead_letters()] == [*range(949, 939, -1)]
    store.close()
