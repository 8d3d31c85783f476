from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.live.recovering import duty, fresh_store, stream

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError, InputError, SettingError
from tocsin.core.live import Batch, Sink
from tocsin.core.notices import Failure, Notice
from tocsin.core.progress import listening, report
from tocsin.engine.live import loop as module
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.loop import Loop
from tocsin.engine.live.meters import Meters
from tocsin.store import Store
from tocsin.testing.toy_sources import Mailbox, MailboxSource, Shelf, ShelfSource

WHOLE = stream()


class Bell(Sink):
    """Keeps what it is told; may hang."""

    def __init__(self) -> None:
        self.heard: list[Notice] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.closed = False

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        self.may_go_on.wait(60)
        self.heard += notices
        return ()

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = fresh_store(tmp_path)
    yield found
    found.close()


def endless() -> Shelf:
    return Shelf({"": WHOLE}, ends=False)


def feed(name: str, store: Store, artifact: Artifact, *, shelf: Shelf, sinks: tuple[str, ...] = ()) -> Feed:
    return Feed(name, ShelfSource(shelf), [duty(artifact, name=name)], store, sinks=sinks)


class Running:
    """A loop at work in a thread of its own."""

    def __init__(self, loop: Loop) -> None:
        self.loop, self.stop = loop, threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.loop.run(self.stop)
        except BaseException as error:
            self.error = error

    def end(self) -> float:
        """Stop it, and return how long that took, in s."""
        began = time.monotonic()
        self.stop.set()
        self._thread.join(60)
        assert not self._thread.is_alive()
        return time.monotonic() - began


def awaited(so: Callable[[], bool], *, within_s: float = 30.0) -> None:
    until = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


def told(store: Store) -> set[tuple[str, int]]:
    found = {(notice.id, notice.revision): notice.kind for one in store.incidents() for notice in _history(store, one)}
    return {key for key, kind in found.items() if kind != "held"}


def _history(store: Store, one: object) -> tuple[Notice, ...]:
    return store.incident(one.notice.id)[1]  # type: ignore[attr-defined]  # as incidents() returns it


def test_sources_that_end_end_the_watch_and_the_last_news_has_arrived(store: Store, zscore: Artifact) -> None:
    bell, other = Bell(), Bell()
    feeds = [
        feed("a", store, zscore, shelf=Shelf({"": WHOLE}), sinks=("bell", "other")),
        feed("b", store, zscore, shelf=Shelf({"": WHOLE}), sinks=("bell",)),
    ]
    Loop(feeds, {"bell": bell, "other": other}, store).run(threading.Event())
    assert {(notice.id, notice.revision) for notice in bell.heard} == told(store)
    assert {notice.duty for notice in other.heard} == {"a"}
    assert bell.closed
    assert other.closed


def test_it_stops_when_asked_and_what_is_remembered_is_written(store: Store, zscore: Artifact) -> None:
    shelf = endless()
    running = Running(Loop([feed("a", store, zscore, shelf=shelf)], {}, store))
    awaited(lambda: running.loop.ready() == "" and shelf.committed.get("", 0) > 0)
    assert running.loop.alive() == ""
    running.end()
    assert running.error is None
    assert store.claim("a", "", "the next").snapshot is not None


def test_a_sink_that_hangs_and_a_store_that_is_away_hold_up_no_end(tmp_path: Path, zscore: Artifact) -> None:
    store, bell, mailbox = fresh_store(tmp_path), Bell(), Mailbox()
    bell.may_go_on.clear()
    mailbox.put(WHOLE.take(slice(150)))
    source = Feed("a", MailboxSource(mailbox), [duty(zscore)], store, sinks=("bell",))
    running = Running(Loop([source], {"bell": bell}, store))
    awaited(lambda: not mailbox.waiting and store.waiting("bell") > 0)
    locked = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    awaited(lambda: took_lock(locked))
    mailbox.put(WHOLE.take(slice(150, None)))
    awaited(lambda: running.loop.ready() != "")
    assert running.loop.alive() == ""
    # the bounds are 3.5 and 4.8 s; a busy machine may take longer to notice
    assert running.end() < 15
    assert running.error is None
    bell.may_go_on.set()
    locked.close()
    store.close()


def took_lock(connection: sqlite3.Connection) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError:
        return False
    return True


def test_what_ends_one_feed_ends_all_in_good_order_and_is_raised_as_it_was(store: Store, zscore: Artifact) -> None:
    shelf, refused = endless(), InputError("The broker refuses us.", remedy="Give a password.")
    bad = ShelfSource(endless())
    feeds = [feed("good", store, zscore, shelf=shelf), Feed("bad", bad, [duty(zscore)], store)]
    running = Running(Loop(feeds, {}, store))
    awaited(lambda: shelf.committed.get("", 0) > 0)
    bad.error = refused
    awaited(lambda: running.error is not None)
    running.end()
    assert running.error is refused
    assert "The broker refuses us." in running.loop.alive()
    assert shelf.committed == {"": len(WHOLE)}


def test_whoever_listens_hears_the_feeds_progress(store: Store, zscore: Artifact) -> None:
    class Telling(ShelfSource):
        def connected(self) -> bool:
            report("told from a thread", 1, 1)
            return True

    heard = set[str]()
    with listening(lambda what, *_: heard.add(what)):
        Loop([Feed("a", Telling(Shelf({"": WHOLE})), [duty(zscore)], store)], {}, store).run(threading.Event())
    assert heard == {"told from a thread"}


def test_a_feed_that_hangs_is_told(store: Store, zscore: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STUCK_S", 0.05)
    gate = threading.Event()

    class Hanging(ShelfSource):
        def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
            gate.wait(60)
            return super().poll(max_rows, timeout_s)

    running = Running(Loop([Feed("a", Hanging(endless()), [duty(zscore)], store)], {}, store))
    awaited(lambda: "a has finished no batch for" in running.loop.alive())
    gate.set()
    awaited(lambda: running.loop.alive() == "")
    running.end()


def test_what_it_waits_for_is_told(store: Store, zscore: Artifact) -> None:
    source = ShelfSource(endless())
    loop = Loop([Feed("a", source, [duty(zscore)], store)], {}, store)
    assert loop.ready() == "It has not started yet."
    running = Running(loop)
    awaited(lambda: loop.ready() == "")
    source.here = False
    assert loop.ready() == "a: the source is not connected."
    assert loop.alive() == ""
    running.end()


def test_sinks_and_artifacts_are_exchanged_while_it_runs(store: Store, zscore: Artifact) -> None:
    kept, gone, new = Bell(), Bell(), Bell()
    mailbox, meters = Mailbox(), Meters()
    source = Feed("a", MailboxSource(mailbox), [duty(zscore, name="one")], store, sinks=("kept", "gone"), meters=meters)
    running = Running(Loop([source], {"kept": kept, "gone": gone}, store, meters=meters))
    half = len(WHOLE) // 2
    mailbox.put(WHOLE.take(slice(half)))
    awaited(lambda: len(kept.heard) > 0 and len(gone.heard) == len(kept.heard))
    awaited(lambda: not mailbox.unacknowledged)
    running.loop.reload({"a": [duty(zscore, name="two")]}, {"kept": kept, "new": new})
    before = len(gone.heard)
    mailbox.put(WHOLE.take(slice(half, None)))
    awaited(lambda: len(new.heard) > 0 and not store.waiting("new") and not store.waiting("kept"))
    running.end()
    assert (gone.closed, len(gone.heard)) == (True, before)
    assert {notice.duty for notice in new.heard} == {"two"}
    assert {notice.duty for notice in kept.heard} == {"one", "two"}


def test_sources_cannot_be_exchanged(store: Store, zscore: Artifact) -> None:
    loop = Loop([feed("a", store, zscore, shelf=endless())], {}, store)
    with pytest.raises(SettingError, match="The sources are b; those that run are a"):
        loop.reload({"b": [duty(zscore)]}, {})


def test_an_artifact_that_cannot_work_takes_over_nothing(store: Store, zscore: Artifact) -> None:
    bell = Bell()
    running = Running(Loop([feed("a", store, zscore, shelf=endless(), sinks=("bell",))], {"bell": bell}, store))
    awaited(lambda: running.loop.ready() == "")
    with pytest.raises(ArtifactError, match="other windows"):
        running.loop.reload({"a": [duty(replace(zscore, window=5))]}, {})
    assert not bell.closed
    running.end()
    assert running.error is None


def test_old_things_are_deleted(store: Store, zscore: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    pruned = threading.Event()

    class Pruned(Store):
        def __init__(self) -> None:
            vars(self).update(vars(store))

        def prune(self, now_ns: int) -> dict[str, int]:
            pruned.set()
            return dict(super().prune(now_ns))

    monkeypatch.setattr(module, "FIRST_PRUNE_S", 0.01)
    running = Running(Loop([feed("a", store, zscore, shelf=endless())], {}, Pruned()))
    assert pruned.wait(30)
    running.end()
    assert running.error is None
