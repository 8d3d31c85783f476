from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.live import Position, Sink
from tocsin.core.notices import Failure, Notice
from tocsin.core.tidings import Tidings
from tocsin.engine.live.courier import Courier, Patience
from tocsin.engine.live.meters import Meters
from tocsin.store import Entry, Store, open_store
from tocsin.testing.servers import Postgres
from tocsin.testing.sink_checks import story
from tocsin.testing.toy_sink import ToySink

QUICK = Patience(poll_s=0.01, least_s=0.02, most_s=0.1)
TELLER = """
import os, signal, sys
from tocsin.engine.live.courier import Courier
from tocsin.engine.live.meters import Meters
from tocsin.store import open_store
from tocsin.sinks.log import Log

class Fatal(Log):
    def send(self, notices):
        super().send(notices)
        os.kill(os.getpid(), signal.SIGKILL)

from pathlib import Path
from tocsin.engine.live._owner import owner
store = open_store(sys.argv[1])
store.claim("plant", "", owner())
courier = Courier("log", Fatal(Path(sys.argv[2])), store, Meters())
courier.start()
courier._thread.join(60)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path}/tocsin.db")) as found:
        yield found


@contextmanager
def carrying(
    store: Store, sink: Sink, *, patience: Patience = QUICK, meters: Meters | None = None
) -> Iterator[Courier]:
    courier = Courier("sink", sink, store, meters or Meters(), patience=patience)
    courier.start()
    try:
        yield courier
    finally:
        assert courier.stop(60), "the courier hangs"


def tell(store: Store, notices: Sequence[Notice], *, sink: str = "sink") -> None:
    epoch = store.claim("plant", "", "somebody").epoch
    tidings = Tidings(notices=tuple(notices))
    store.write(Entry("plant", "", epoch, Position(str(time.time_ns())), tidings, (sink,)))
    store.release("plant", "", epoch)


def interleaved(count: int) -> list[Notice]:
    """News of several incidents: all open, then all change, then all close."""
    stories = [story(f"{number:03}", device=f"pump-{number}") for number in range(count)]
    return [told[revision] for revision in range(3) for told in stories]


def of(told: Sequence[tuple[str, int]], name: str) -> list[int]:
    return [revision for own, revision in told if own == name]


def until(met: Callable[[], bool], why: str, *, timeout_s: float = 60.0) -> None:
    end = time.monotonic() + timeout_s
    while not met():
        assert time.monotonic() < end, why
        time.sleep(0.01)


def test_everything_is_delivered_once_and_in_order(store: Store) -> None:
    tell(store, interleaved(40))
    sink, meters = ToySink(), Meters()
    with carrying(store, sink, meters=meters):
        told = sink.wait_for(120)
    assert sorted(told) == sorted((f"{number:03}", revision) for number in range(40) for revision in range(3))
    assert all(of(told, f"{number:03}") == [0, 1, 2] for number in range(40))
    assert store.waiting("sink") == 0
    assert meters.value("tocsin_sink_delivered_total", ("sink",)) == 120
    assert meters.value("tocsin_sink_failures_total", ("sink",)) == 0
    assert sink.closed.is_set()


def test_what_a_sink_missed_is_delivered_when_it_is_back_in_the_order_of_incidents_too(store: Store) -> None:
    away = threading.Event()
    away.set()
    sink = ToySink(lambda notice: Failure(notice, "away") if away.is_set() else None)
    opens = [story(f"{number:03}")[0] for number in range(30)]
    with carrying(store, sink):
        for notice in opens:
            tell(store, [notice])
        until(lambda: len(sink.calls) >= 3, "it is not tried again")
        assert sink.told == []
        away.clear()
        told = sink.wait_for(30)
    assert told == [(notice.id, 0) for notice in opens]


def test_a_failure_holds_back_its_own_incident_and_no_other(store: Store) -> None:
    stuck = threading.Event()
    stuck.set()
    first = ("001", 0)
    sink = ToySink(lambda n: Failure(n, "no") if (n.id, n.revision) == first and stuck.is_set() else None)
    tell(store, interleaved(3))
    with carrying(store, sink):
        told = sink.wait_for(6)
        until(lambda: store.waiting("sink") == 3, "the others still wait")
        assert of(told, "001") == []
        stuck.clear()
        told = sink.wait_for(9)
    assert [of(told, name) for name in ("000", "001", "002")] == [[0, 1, 2]] * 3


def test_an_incident_that_closed_before_its_open_was_delivered_is_told_from_its_beginning(store: Store) -> None:
    sink = ToySink()
    opened, _, closed = story("short")
    tell(store, [opened, replace(closed, revision=1)])
    with carrying(store, sink):
        assert sink.wait_for(2) == [("short", 0), ("short", 1)]


def test_what_can_never_be_delivered_is_put_aside_with_the_reason(store: Store) -> None:
    sink = ToySink(lambda notice: Failure(notice, "it answered 404", final=True) if notice.revision == 0 else None)
    tell(store, story("strange"))
    with carrying(store, sink):
        assert sink.wait_for(2) == [("strange", 1), ("strange", 2)]
        until(lambda: store.waiting("sink") == 0, "something still waits")
    (dead,) = store.dead_letters(most=10)
    assert (dead.origin, dead.reason) == ("sink sink", "it answered 404")
    assert b'"strange"' in dead.payload


def test_a_sink_that_raises_over_one_notice_delivers_the_others(store: Store) -> None:
    def refuse(notice: Notice) -> None:
        if notice.id == "001":
            raise RuntimeError("a mistake in the sink")

    sink = ToySink(refuse)
    tell(store, [story(f"{number:03}")[0] for number in range(5)])
    with carrying(store, sink):
        told = sink.wait_for(4)
        until(lambda: store.waiting("sink") == 1, "more than one still waits")
    assert {name for name, _ in told} == {"000", "002", "003", "004"}


def test_a_sink_that_hangs_holds_up_no_stop_and_loses_nothing(store: Store) -> None:
    hung, free = threading.Event(), threading.Event()

    def refuse(notice: Notice) -> Failure:
        hung.set()
        free.wait(60)
        return Failure(notice, "late")

    tell(store, story("a"))
    courier = Courier("sink", ToySink(refuse), store, Meters(), patience=QUICK)
    courier.start()
    assert hung.wait(60)
    assert not courier.stop(0.05)
    assert store.waiting("sink") == 3
    free.set()
    assert courier.stop(60)


def test_what_came_last_is_tried_before_the_end(store: Store) -> None:
    sink = ToySink()
    with carrying(store, sink, patience=Patience(poll_s=60)):
        time.sleep(0.05)
        tell(store, story("late"))
    assert sink.told == [("late", 0), ("late", 1), ("late", 2)]


def test_it_looks_at_once_when_it_is_woken(store: Store) -> None:
    sink = ToySink()
    with carrying(store, sink, patience=Patience(poll_s=3_600)) as courier:
        tell(store, story("new"))
        courier.wake()
        assert len(sink.wait_for(3)) == 3


def test_a_store_that_is_away_between_sending_and_marking_makes_it_send_nothing_twice(
    store: Store, tmp_path: Path
) -> None:
    lock = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None, check_same_thread=False)

    def refuse(_: Notice) -> None:
        if not lock.in_transaction and len(sink.calls) == 1:
            lock.execute("BEGIN IMMEDIATE")  # from now on nobody else can write

    sink, meters = ToySink(refuse), Meters()
    tell(store, [story("a")[0], story("b")[0]])
    with carrying(store, sink, meters=meters):
        sink.wait_for(2)
        until(lambda: meters.value("tocsin_store_failures_total") >= 2, "the store does not seem to be away")
        lock.execute("ROLLBACK")
        until(lambda: store.waiting("sink") == 0, "it is never marked")
    lock.close()
    assert sorted(sink.told) == [("a", 0), ("b", 0)]


def test_a_store_that_cannot_be_understood_for_a_while_ends_no_courier(store: Store, tmp_path: Path) -> None:
    sink, meters = ToySink(), Meters()
    with closing(sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)) as other:
        tell(store, story("a"))
        other.execute("ALTER TABLE outbox RENAME TO hidden")
        with carrying(store, sink, meters=meters):
            until(lambda: meters.value("tocsin_store_failures_total") >= 2, "it does not seem to mind")
            other.execute("ALTER TABLE hidden RENAME TO outbox")
            assert len(sink.wait_for(3)) == 3


def test_a_kill_between_sending_and_marking_sends_again_with_the_same_id_and_revision(
    store: Store, tmp_path: Path
) -> None:
    tell(store, story("a"), sink="log")
    lines = tmp_path / "told.jsonl"
    ended = subprocess.run([sys.executable, "-c", TELLER, f"sqlite:///{tmp_path}/tocsin.db", str(lines)], timeout=120)
    assert ended.returncode == -9
    assert '"revision":0' in lines.read_text()
    sink = ToySink()
    courier = Courier("log", sink, store, Meters(), patience=QUICK)
    courier.start()
    time.sleep(0.1)
    assert sink.told == [], "what another process may just be sending is sent as well"
    store.claim("plant", "", "the next process")
    try:
        assert sink.wait_for(3, timeout_s=20) == [("a", 0), ("a", 1), ("a", 2)]
    finally:
        assert courier.stop(60)


def several_serve_one(url: str) -> None:
    stores = [open_store(url) for _ in range(3)]
    sinks = [ToySink() for _ in stores]
    told: list[tuple[str, int]] = []
    lock = threading.Lock()

    def take(notice: Notice) -> None:
        with lock:
            told.append((notice.id, notice.revision))

    for sink in sinks:
        sink.refuse = take
    couriers = [Courier("sink", sink, own, Meters(), patience=QUICK) for sink, own in zip(sinks, stores, strict=True)]
    tell(stores[0], interleaved(60))
    for courier in couriers:
        courier.start()
    try:
        until(lambda: stores[0].waiting("sink") == 0, "letters are left")
    finally:
        assert all(courier.stop(60) for courier in couriers)
    for own in stores:
        own.close()
    assert len(told) == len(set(told)) == 180, "a letter was sent by two"
    assert all(of(told, f"{number:03}") == [0, 1, 2] for number in range(60))


def test_several_couriers_share_a_sink_in_sqlite(tmp_path: Path) -> None:
    several_serve_one(f"sqlite:///{tmp_path}/tocsin.db")


def test_several_couriers_share_a_sink_in_postgresql(postgres: Postgres) -> None:
    several_serve_one(postgres.fresh())


def test_a_receiver_that_forgets_is_told_again_of_what_is_open(store: Store) -> None:
    opened, later, closed = story("over")
    tell(store, [opened, later, closed])
    tell(store, story("open")[:2])
    tell(store, [replace(story("hushed")[0], kind="held")])
    sink = ToySink(repeat_s=0.05)
    with carrying(store, sink):
        told = sink.wait_for(12)
    assert sorted(set(told[:5])) == [("open", 0), ("open", 1), ("over", 0), ("over", 1), ("over", 2)]
    assert set(told[5:]) == {("open", 1)}


def test_a_slow_sink_is_given_fewer_at_a_time_and_a_quick_one_more(store: Store) -> None:
    tell(store, [story(f"{number:04}")[0] for number in range(300)])
    quick = ToySink()
    with carrying(store, quick):
        quick.wait_for(300)
    assert max(quick.calls) == QUICK.letters
    tell(store, [story(f"{number:04}")[0] for number in range(1_000, 1_012)])
    slow = ToySink(lambda _: time.sleep(0.02))
    with carrying(store, slow, patience=replace(QUICK, slow_s=0.001)):
        slow.wait_for(12)
    assert slow.calls[:3] == [10, 2, 1][: len(slow.calls)]


@given(st.integers(1, 10_000))
def test_back_off_grows_with_the_tries_and_is_bounded(tries: int) -> None:
    patience = Patience()
    usual = min(2.0 ** min(tries - 1, 60), 300.0)
    assert usual / 2 <= patience.rest_s(tries) <= usual
