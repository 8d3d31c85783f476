from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Batch, Position
from tocsin.core.tidings import Tidings
from tocsin.engine.live import journal as module
from tocsin.engine.live._patience import Halted, Patience
from tocsin.engine.live.journal import Journal
from tocsin.engine.live.meters import Meters
from tocsin.store import Entry, State, Store, StoreAway, open_store
from tocsin.testing.toy_sources import Mailbox, MailboxSource

T = TypeVar("T")
LANE = "0/1"


class Hands:
    """Keeps one lane, and nothing of what it brings."""

    def __init__(self, store: Store, *, patient: Patience | None = None) -> None:
        self.store, self.patient = store, patient
        self.dead: list[DeadLetter] = []

    def assigned(self, lane: str) -> Position | None:
        self.claim = self.store.claim("plant", lane, "a test")
        return self.claim.snapshot

    def revoked(self, lane: str) -> None:
        self.store.release("plant", lane, self.claim.epoch)

    def lost(self, lane: str) -> None:
        pass

    def epoch(self, lane: str) -> int:  # noqa: ARG002  # there is one lane
        return self.claim.epoch

    def patiently(self, call: Callable[[], T]) -> T:
        return call() if self.patient is None else self.patient(call)

    def put_aside(self, dead: Sequence[DeadLetter]) -> None:
        self.dead += dead

    def snapshot(self, position: Position, cut: int | None) -> None:
        state = State(position, {}, cut)
        self.store.write(Entry("plant", LANE, self.claim.epoch, position, Tidings(), state=state))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(f"sqlite:///{tmp_path}/tocsin.db")
    yield found
    found.close()


def reading(k: int, value: float = 1.0) -> Arrivals:
    when = np.array([k])
    return Arrivals(("pump-1",), ("temp",), np.array([0]), when, np.array([[value]]), arrived=when)


def opened(store: Store, mailbox: Mailbox) -> tuple[Journal, Hands]:
    hands = Hands(store)
    journal = Journal(MailboxSource(mailbox), store, "plant", keeper=hands)
    journal.open(hands)
    return journal, hands


def brought(journal: Journal, polls: int = 20) -> list[Batch]:
    batches = [journal.poll(100, 0.0) for _ in range(polls)]
    return [batch for batch in batches if batch is not None and len(batch.arrivals)]


def times(batches: list[Batch]) -> list[int]:
    return [int(time) for batch in batches for time in batch.arrivals.time]


def test_what_is_brought_is_in_the_store_before_it_is_acknowledged(store: Store) -> None:
    mailbox, seen = Mailbox(), list[int]()

    class Watched(MailboxSource):
        def commit(self, lane: str, position: Position) -> None:
            seen.append(len(store.journal("plant", LANE, after=-1, most=9)))
            super().commit(lane, position)

    hands = Hands(store)
    journal = Journal(Watched(mailbox), store, "plant", keeper=hands)
    journal.open(hands)
    mailbox.put(reading(1))
    mailbox.put(reading(2))
    assert times(brought(journal)) == [1, 2]
    assert seen == [1, 2]
    assert mailbox.acknowledged == 2


def test_positions_are_the_journals_rows_and_an_empty_poll_stays_where_it_is(store: Store) -> None:
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    mailbox.put(reading(1))
    first, empty = journal.poll(100, 0.0), journal.poll(100, 0.0)
    assert first is not None
    assert empty is not None
    assert first.position == empty.position == Position("1")
    assert not len(empty.arrivals)


def test_after_a_restart_what_lies_behind_the_snapshot_comes_first(store: Store) -> None:
    mailbox = Mailbox()
    journal, hands = opened(store, mailbox)
    for k in range(4):
        mailbox.put(reading(k))
    batches = brought(journal)
    hands.snapshot(batches[1].position, journal.cut(LANE, batches[1].position))
    mailbox.put(reading(4))
    again, _ = opened(store, mailbox)
    assert [(time, batch.position) for batch in brought(again) for time in batch.arrivals.time] == [
        (2, Position("3")),
        (3, Position("4")),
        (4, Position("5")),
    ]


def test_what_is_delivered_again_is_dropped_and_acknowledged(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    mailbox = Mailbox()
    journal, hands = opened(store, mailbox)
    mailbox.put(reading(1))
    mailbox.put(reading(2))
    batches = brought(journal)
    hands.snapshot(batches[-1].position, journal.cut(LANE, batches[-1].position))
    mailbox.put(replace(reading(2), arrived=np.array([77])))
    mailbox.put(reading(2, value=5.0))
    mailbox.put(reading(3))
    again, _ = opened(store, mailbox)
    with caplog.at_level(logging.INFO, "tocsin.engine.live.journal"):
        assert times(brought(again)) == [2, 3]
    assert mailbox.acknowledged == 5
    assert "Readings were delivered again" in caplog.text


def test_what_a_device_repeats_long_after_the_connection_was_made_is_its_own_doing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SUSPICIOUS_S", -1.0)
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    mailbox.put(reading(1))
    mailbox.put(reading(1))
    assert times(brought(journal)) == [1, 1]


def test_a_damaged_row_is_told_and_skipped(store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    for k in range(3):
        mailbox.put(reading(k))
    brought(journal)
    with sqlite3.connect(tmp_path / "tocsin.db") as raw:
        raw.execute("UPDATE journal SET block = substr(block, 1, 50) WHERE seq = 2")
    raw.close()
    again, _ = opened(store, mailbox)
    batches = [batch for batch in (again.poll(9, 0.0) for _ in range(4)) if batch]
    assert times(batches) == [0, 2]
    assert [dead.origin for batch in batches for dead in batch.dead] == ["journal of plant 0/1, row 2"]
    assert "row 2: A block of the journal is damaged" in caplog.text


def test_dead_letters_are_written_once_and_counted_when_they_come(store: Store) -> None:
    mailbox = Mailbox()
    journal, hands = opened(store, mailbox)
    mailbox.put(Arrivals.none(), dead=(DeadLetter("plant/1", b"?", "It is no JSON.", 5),))
    batch = journal.poll(9, 0.0)
    assert batch is not None
    assert batch.dead == ()
    opened(store, mailbox)[0].poll(9, 0.0)
    assert len(store.dead_letters(most=9)) == len(hands.dead) == 1
    assert mailbox.acknowledged == 1


def test_the_source_remembers_what_it_did_when_the_last_block_was_written(store: Store) -> None:
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    mailbox.put(reading(1))
    mailbox.put(reading(2))
    brought(journal)
    source, hands = MailboxSource(mailbox), Hands(store)
    Journal(source, store, "plant", keeper=hands).open(hands)
    assert source.recalled == b"2"


def test_a_goodbye_and_a_shift_are_written_even_without_readings(store: Store) -> None:
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    mailbox.put(replace(Arrivals.none(), gone=(("pump-1", 5),)))
    mailbox.put(Arrivals.none(shift_ns=9))
    journal.poll(9, 0.0), journal.poll(9, 0.0)
    again, _ = opened(store, mailbox)
    found = [batch.arrivals for batch in (again.poll(9, 0.0), again.poll(9, 0.0)) if batch]
    assert [(one.gone, one.shift_ns) for one in found] == [((("pump-1", 5),), 0), ((), 9)]


def test_who_did_not_poll_for_long_counts_no_silence_for_that_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STALL_NS", -1)
    mailbox = Mailbox()
    journal, _ = opened(store, mailbox)
    first, second = journal.poll(9, 0.0), journal.poll(9, 0.0)
    assert first is not None
    assert second is not None
    assert first.arrivals.shift_ns > 0 < second.arrivals.shift_ns


def test_while_the_store_is_away_nothing_is_read_or_acknowledged(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/tocsin.db")
    mailbox, meters, stop = Mailbox(), Meters(), threading.Event()
    hands = Hands(store, patient=Patience(meters, stop))
    journal = Journal(MailboxSource(mailbox), store, "plant", keeper=hands)
    journal.open(hands)
    for k in range(3):
        mailbox.put(reading(k))
    locked = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None, check_same_thread=False)
    locked.execute("BEGIN IMMEDIATE")

    def unlock() -> None:
        assert mailbox.acknowledged == 0
        assert len(mailbox.waiting) == 2
        locked.execute("ROLLBACK")

    class Counting(Meters):
        def add(self, name: str, amount: float = 1, labels: tuple[str, ...] = ()) -> None:
            super().add(name, amount, labels)
            if self.total(name) == 2:
                unlock()

    hands.patient = Patience(Counting(), stop)
    assert times(brought(journal)) == [0, 1, 2]
    assert mailbox.acknowledged == 3
    locked.execute("BEGIN IMMEDIATE")
    mailbox.put(reading(9))
    stop.set()
    with pytest.raises(Halted):
        journal.poll(9, 0.0)
    assert len(mailbox.unacknowledged) == 1
    locked.close()
    store.close()


class Forgetful(Store):
    """Writes a block, and then says that it was away, as a database does whose connection ends in a commit."""

    def __init__(self, store: Store) -> None:
        vars(self).update(vars(store))
        self.failures = 1

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
        seq = super().append(feed, lane, epoch, block, memory=memory, dead=dead)
        if self.failures:
            self.failures -= 1
            raise StoreAway("The connection was lost.")
        return seq


def test_a_block_that_was_written_although_the_store_went_away_is_not_written_twice(store: Store) -> None:
    forgetful, mailbox = Forgetful(store), Mailbox()
    hands = Hands(forgetful, patient=Patience(Meters(), threading.Event()))
    journal = Journal(MailboxSource(mailbox), forgetful, "plant", keeper=hands)
    journal.open(hands)
    mailbox.put(reading(1))
    mailbox.put(reading(2))
    assert [batch.position.value for batch in brought(journal)] == ["1", "2"]
    assert len(store.journal("plant", LANE, after=-1, most=9)) == 2


def test_what_was_read_last_stays_in_the_journal_to_know_it_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    mailbox = Mailbox()
    journal, hands = opened(store, mailbox)
    for k in range(10):
        mailbox.put(reading(k))
    batches = brought(journal)
    cuts = [journal.cut(LANE, batches[k].position) for k in (4, 9)]
    assert cuts == [5, 7]
    hands.snapshot(batches[-1].position, cuts[-1])
    assert [seq for seq, _ in store.journal("plant", LANE, after=-1, most=99)] == [8, 9, 10]
    assert times(brought(opened(store, mailbox)[0])) == []


def test_the_end_is_the_sources(store: Store) -> None:
    journal, _ = opened(store, Mailbox(ends=True))
    assert journal.poll(9, 0.0) is None
    assert journal.connected()
    journal.close()
    journal.close()
