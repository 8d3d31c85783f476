"""What a store promises of lanes: who owns them, what they remember, and their journals."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tocsin.core.arrivals import DeadLetter
from tocsin.core.live import Position
from tocsin.core.tidings import Tidings
from tocsin.store import Entry, State, Store, Superseded
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice, opened

_THREADS, _WRITES = 4, 12


def epochs_grow(url: str) -> None:
    """Each claim of a lane has a greater epoch, also after a release and after all was forgotten."""
    with opened(url) as store:
        first = store.claim(FEED, LANE, "a").epoch
        store.release(FEED, LANE, first)
        second = store.claim(FEED, LANE, "b").epoch
        store.forget(FEED)
        assert first < second < store.claim(FEED, LANE, "c").epoch


def a_lane_begins_empty(url: str) -> None:
    """Of a lane that nobody has read nothing is known."""
    with opened(url) as store:
        claim = store.claim(FEED, LANE, "a")
        assert (claim.snapshot, claim.judged, dict(claim.parts)) == (None, None, {})
        assert store.journal(FEED, LANE, after=0, most=9) == []
        assert store.memory(FEED, LANE) == b""


def whoever_lost_a_lane_writes_nothing(url: str) -> None:
    """A write or an append under an old epoch is refused, and leaves nothing behind."""
    with opened(url) as mine, opened(url) as theirs:
        old = mine.claim(FEED, LANE, "mine").epoch
        theirs.claim(FEED, LANE, "theirs")
        parts = State(Position("9"), {"part": b"x"})
        with _superseded():
            mine.write(entry(old, Tidings((notice(),), (kept([5]),)), state=parts))
        with _superseded():
            mine.append(FEED, LANE, old, b"block", memory=b"memory", dead=(DeadLetter("a", b"b", "c", 1),))
        assert mine.incidents() == []
        assert mine.waiting("log") == 0
        assert len(mine.verdicts()) == 0
        assert mine.dead_letters() == []
        assert mine.journal(FEED, LANE, after=0, most=9) == []
        claim = mine.claim(FEED, LANE, "again")
        assert (claim.snapshot, claim.judged, dict(claim.parts)) == (None, None, {})


def an_old_release_changes_nothing(url: str) -> None:
    """Releasing a lane that somebody else has leaves it to them."""
    with opened(url) as store:
        old = store.claim(FEED, LANE, "a").epoch
        new = store.claim(FEED, LANE, "b").epoch
        store.release(FEED, LANE, old)
        store.write(entry(new, Tidings()))


def lanes_are_apart(url: str) -> None:
    """What one lane remembers, no other lane or feed sees."""
    with opened(url) as store:
        for feed, lane in (("a", "x"), ("a", "y"), ("b", "x")):
            epoch = store.claim(feed, lane, "check").epoch
            state = State(Position(f"{feed}{lane}"), {"part": f"{feed}{lane}".encode()})
            store.append(feed, lane, epoch, f"{feed}{lane}".encode())
            store.write(Entry(feed, lane, epoch, Position("1"), Tidings(), (), state))
        assert store.lanes("a") == ("x", "y")
        assert store.lanes("b") == ("x",)
        store.forget("a", "x")
        assert store.lanes("a") == ("y",)
        assert dict(store.claim("a", "y", "check").parts) == {"part": b"ay"}
        assert store.journal("b", "x", after=0, most=9) == [(1, b"bx")]
        assert dict(store.claim("a", "x", "check").parts) == {}


def only_the_parts_given_are_written(url: str) -> None:
    """A snapshot changes the parts that it names, drops those that are gone, and leaves the rest."""
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        store.write(entry(epoch, Tidings(), state=State(Position("1"), {"a": b"1", "b": b"1", "c": b"1"})))
        store.write(entry(epoch, Tidings(), judged="2", state=State(Position("2"), {"a": b"2", "b": None, "d": b""})))
        store.write(entry(epoch, Tidings(), judged="3"))
    with opened(url) as store:
        claim = store.claim(FEED, LANE, "check")
        assert dict(claim.parts) == {"a": b"2", "c": b"1", "d": b""}
        assert (claim.snapshot, claim.judged) == (Position("2"), Position("3"))


def the_journal_counts_on(url: str) -> None:
    """Blocks come back in order, and their numbers grow also after the journal was cut."""
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        numbers = [store.append(FEED, LANE, epoch, bytes([k]), memory=bytes([k])) for k in range(4)]
        assert numbers == sorted(set(numbers))
        assert store.journal(FEED, LANE, after=numbers[0], most=2) == [(numbers[1], b"\x01"), (numbers[2], b"\x02")]
        assert store.memory(FEED, LANE) == b"\x03"
        store.write(entry(epoch, Tidings(), state=State(Position("x"), {}, cut=numbers[2])))
        assert store.journal(FEED, LANE, after=0, most=9) == [(numbers[3], b"\x03")]
        store.write(entry(epoch, Tidings(), state=State(Position("x"), {}, cut=numbers[3])))
        epoch = store.claim(FEED, LANE, "again").epoch
        assert store.append(FEED, LANE, epoch, b"x") > numbers[3]
        assert store.memory(FEED, LANE) == b"\x03"


def threads_write_side_by_side(url: str) -> None:
    """Several threads may write to lanes of their own through one store, and nothing is lost."""
    failures: list[BaseException] = []
    with opened(url) as store:
        each = [threading.Thread(target=_noted(_fill, failures), args=(store, str(k))) for k in range(_THREADS)]
        for thread in each:
            thread.start()
        for thread in each:
            thread.join()
        assert not failures, failures
        assert len(store.incidents()) == _THREADS * _WRITES
        assert len(store.verdicts()) == _THREADS * _WRITES
        for k in range(_THREADS):
            assert len(store.journal(FEED, str(k), after=0, most=99)) == _WRITES


def _fill(store: Store, lane: str) -> None:
    epoch = store.claim(FEED, lane, "check").epoch
    for k in range(_WRITES):
        store.append(FEED, lane, epoch, b"block")
        news = Tidings((notice(f"{lane}-{k}"),), (kept([k], device=f"pump-{lane}"),))
        store.write(Entry(FEED, lane, epoch, Position(str(k)), news, ("log",)))


def _noted(work: Callable[[Store, str], None], failures: list[BaseException]) -> Callable[[Store, str], None]:
    def run(store: Store, lane: str) -> None:
        try:
            work(store, lane)
        except BaseException as failure:  # a thread's failure would be lost
            failures.append(failure)

    return run


@contextmanager
def _superseded() -> Iterator[None]:
    try:
        yield
    except Superseded:
        return
    raise AssertionError("a write under an old epoch was let through")


CHECKS = (
    epochs_grow,
    a_lane_begins_empty,
    whoever_lost_a_lane_writes_nothing,
    an_old_release_changes_nothing,
    lanes_are_apart,
    only_the_parts_given_are_written,
    the_journal_counts_on,
    threads_write_side_by_side,
)
