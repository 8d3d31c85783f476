from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.conftest import MINUTE, make_artifact
from tests.engine.live.recovering import (
    DEVICES,
    SELDOM,
    Fuse,
    FusedShelf,
    duty,
    fresh_store,
    lives,
    outcome,
    stream,
    verdicts,
)

from tocsin.alerting.span import Span
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Batch, Position
from tocsin.core.notices import Notice
from tocsin.core.progress import listening
from tocsin.engine.live import _holdings, journal
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.meters import Meters
from tocsin.engine.live.pace import Pace
from tocsin.store import Entry, Store, Superseded
from tocsin.testing.toy_sources import Mailbox, MailboxSource, Shelf, ShelfSource

WHOLE = stream()
SOURCE = ("plant",)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = fresh_store(tmp_path)
    yield found
    found.close()


def rows(start: int, stop: int) -> Arrivals:
    return WHOLE.take(slice(start, stop))


def halves() -> Shelf:
    two = WHOLE.device == 1
    return Shelf({"readings/0": WHOLE.take(~two), "readings/1": WHOLE.take(two)}, ends=False)


def stepped(feed: Feed, until: Callable[[], bool], *, most: int = 2_000) -> None:
    """Step until something is so."""
    for _ in range(most):
        if until():
            return
        feed.step()
    raise AssertionError("it never came to that")


def judged(feed: Feed) -> float:
    return feed.meters.value("tocsin_readings_total", (feed.name,))


def ran(store: Store, shelf: Shelf, artifact: Artifact, *, pace: Pace = SELDOM) -> Feed:
    feed = Feed("plant", ShelfSource(shelf), [duty(artifact)], store, sinks=("log",), pace=pace)
    feed.run(threading.Event())
    return feed


def test_a_source_that_ends_is_judged_to_its_end_written_and_counted(store: Store, zscore: Artifact) -> None:
    shelf = Shelf({"": WHOLE})
    feed = ran(store, shelf, zscore)
    notices, kept = outcome(store)
    meters = feed.meters
    assert shelf.committed == {"": len(WHOLE)}
    assert len({row[:2] for row in kept[""]}) == len(kept[""])
    assert meters.value("tocsin_readings_total", SOURCE) == len(WHOLE)
    assert meters.total("tocsin_verdicts_total") >= len(WHOLE)
    assert meters.total("tocsin_incidents_total") == sum("kind='open'" in notice for notice in notices)
    assert meters.value("tocsin_devices", SOURCE) == 3
    assert meters.value("tocsin_artifact_info", ("", "rolling_zscore", duty(zscore).version)) == 1
    assert store.claim("plant", "", "a test").snapshot == Position(str(len(WHOLE)))


def test_a_second_run_of_the_same_name_has_nothing_left_to_do(store: Store, zscore: Artifact) -> None:
    ran(store, Shelf({"": WHOLE}), zscore)
    before = outcome(store)
    assert judged(ran(store, Shelf({"": WHOLE}), zscore)) == 0
    assert outcome(store) == before


def test_fresh_begins_anew(store: Store, zscore: Artifact) -> None:
    ran(store, Shelf({"": WHOLE}), zscore)
    feed = Feed("plant", ShelfSource(Shelf({"": WHOLE})), [duty(zscore)], store, fresh=True)
    feed.run(threading.Event())
    assert judged(feed) == len(WHOLE)


def test_the_first_batch_brings_a_snapshot_and_the_next_one_comes_in_its_time(store: Store, zscore: Artifact) -> None:
    shelf = Shelf({"": rows(0, 50)}, ends=False)
    feed = Feed("plant", ShelfSource(shelf), [duty(zscore)], store, pace=Pace(most_rows=10, snapshot_s=0.2))
    feed.open()
    feed.step()
    assert shelf.committed == {"": 10}
    began = time.monotonic()
    stepped(feed, lambda: shelf.committed != {"": 10}, most=100_000)
    assert time.monotonic() - began > 0.15
    feed.close()
    assert shelf.committed == {"": 50}


class Watched(Store):
    """A store that keeps in mind which parts of the state it was given."""

    def __init__(self, store: Store) -> None:
        vars(self).update(vars(store))
        self.parts: list[set[str]] = []

    def write(self, entry: Entry) -> tuple[Notice, ...]:
        if entry.state is not None:
            self.parts.append(set(entry.state.parts))
        return super().write(entry)


def test_a_snapshot_holds_what_has_changed_since_the_last_one(store: Store, zscore: Artifact) -> None:
    watched = Watched(store)
    ones = replace(duty(zscore, name="ones"), devices=("pump-1",))
    shelf = Shelf({"": WHOLE.take(WHOLE.device < 2)}, ends=False)
    shelf.put("", WHOLE.take(WHOLE.device == 1))
    pace = Pace(snapshot_s=0.0, snapshot_cost=0.0)
    feed = Feed("plant", ShelfSource(shelf), [ones, duty(zscore, name="rest")], watched, pace=pace)
    feed.open()
    feed.step()
    feed.step()
    assert any(name.startswith("ones/") for name in watched.parts[0])
    assert not any(name.startswith("ones/page") for name in watched.parts[1])
    assert any(name.startswith("rest/page") for name in watched.parts[1])


def test_a_standstill_that_is_in_the_journal_brings_no_snapshot_of_its_own(
    store: Store, zscore: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a snapshot that takes long would bring about the next one, for ever."""
    monkeypatch.setattr(journal, "STALL_NS", -1)
    watched, mailbox = Watched(store), Mailbox(ends=True)
    for k in range(9):
        mailbox.put(rows(10 * k, 10 * k + 10))
    Feed("plant", MailboxSource(mailbox), [duty(zscore)], watched, pace=SELDOM).run(threading.Event())
    assert len(watched.parts) == 2


def test_a_batch_is_no_larger_than_wanted(store: Store, zscore: Artifact) -> None:
    feed = ran(store, Shelf({"": WHOLE}), zscore, pace=Pace(most_rows=7))
    sizes = feed.meters.spreads()["tocsin_batch_readings", SOURCE]
    assert (sizes.total, sum(sizes.counts[:3])) == (-(-len(WHOLE) // 7), sizes.total)


class Resting(threading.Event):
    """Keeps in mind how long anybody wanted to wait."""

    def __init__(self) -> None:
        super().__init__()
        self.rests: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.rests.append(timeout or 0.0)
        return super().wait(0)


def test_after_a_small_batch_readings_gather_unless_some_wait_or_are_judged_again(
    store: Store, zscore: Artifact
) -> None:
    small, again, large = Resting(), Resting(), Resting()
    mailbox = Mailbox(ends=True)
    for k in range(8):
        mailbox.put(rows(10 * k, 10 * k + 10))
    feed = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store, pace=SELDOM)
    feed.run(small)
    assert len(small.rests) == 8
    assert all(0 < rest <= 0.05 for rest in small.rests)
    for k in range(8, 12):
        mailbox.put(rows(10 * k, 10 * k + 10))
    killed = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store, pace=SELDOM)
    killed.open()
    for _ in range(4):
        killed.step()
    feed = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store, pace=SELDOM)
    feed.run(again)
    assert (judged(feed), again.rests) == (30, [])
    ten = Feed("shelf", ShelfSource(Shelf({"": WHOLE})), [duty(zscore)], store, pace=Pace(most_rows=10))
    ten.run(large)
    assert len(large.rests) == 1


def test_progress_is_told_where_there_is_an_end(store: Store, zscore: Artifact) -> None:
    class File(ShelfSource):
        live = False

    heard: list[tuple[str, int, int, str]] = []
    feed = Feed("plant", File(Shelf({"": WHOLE})), [duty(zscore)], store, pace=Pace(most_rows=100))
    with listening(lambda *news: heard.append(news)):
        feed.run(threading.Event())
    assert heard == [("watching plant", done, len(WHOLE), "") for done in (100, 200, 300)]
    assert feed.meters.value("tocsin_lag_seconds", SOURCE) == 0


def test_lanes_go_from_one_process_to_another_and_nothing_is_lost(tmp_path: Path, zscore: Artifact) -> None:
    alone, shared = fresh_store(tmp_path, "alone"), fresh_store(tmp_path, "shared")
    whole = halves()
    whole.ends = True
    ran(alone, whole, zscore)
    shelf = halves()
    sources = ShelfSource(shelf), ShelfSource(shelf, lanes=())
    one, two = (Feed("plant", source, [duty(zscore)], shared, pace=Pace(most_rows=9)) for source in sources)
    one.open()
    two.open()
    for _ in range(12):
        one.step()
        two.step()
    sources[0].revoke("readings/1")
    one.step()
    sources[1].give("readings/1")
    shelf.ends = True
    while one.step():
        pass
    while two.step():
        pass
    one.close()
    two.close()
    assert judged(one) > 0 < judged(two)
    assert judged(one) + judged(two) == len(WHOLE)
    # what is told at the end of a file is the only news that knows of an end
    assert outcome(shared) == outcome(alone)
    alone.close()
    shared.close()


def test_a_lane_that_was_lost_is_dropped_without_writing(store: Store, zscore: Artifact) -> None:
    shelf = halves()
    source = ShelfSource(shelf)
    feed = Feed("plant", source, [duty(zscore)], store, pace=replace(SELDOM, most_rows=20))
    feed.open()
    stepped(feed, lambda: judged(feed) >= 120)
    source.lose("readings/1")
    feed.step()
    assert store.claim("plant", "readings/1", "the next").snapshot == Position("20")
    feed.close()
    assert store.claim("plant", "readings/1", "the next").snapshot == Position("20")
    assert shelf.committed["readings/1"] == 20


def test_who_is_overtaken_writes_no_more(store: Store, zscore: Artifact) -> None:
    mailbox = Mailbox()
    feed = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store)
    feed.open()
    mailbox.put(rows(0, 50))
    feed.step()
    before = outcome(store)
    store.claim("plant", "0/1", "another watch")
    mailbox.put(rows(50, 200))
    with pytest.raises(Superseded, match="Another watch has taken over 'plant'"):
        feed.step()
    feed.close()
    assert outcome(store) == before
    assert len(mailbox.unacknowledged) == 1


def test_of_many_lanes_only_the_one_that_was_overtaken_is_dropped(
    store: Store, zscore: Artifact, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = halves()
    feed = Feed("plant", ShelfSource(shelf), [duty(zscore)], store, pace=Pace(most_rows=5))
    feed.open()
    feed.step()
    feed.step()
    store.claim("plant", "readings/1", "another watch")
    for _ in range(100):
        feed.step()
    feed.close()
    assert shelf.committed["readings/0"] == shelf.length("readings/0")
    assert shelf.committed["readings/1"] < shelf.length("readings/1")
    assert caplog.text.count("Another process has taken this lane over") == 1


def test_a_source_that_goes_on_bringing_what_another_has_is_refused(
    store: Store, zscore: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_holdings, "STRAY_S", 0.0)
    feed = Feed("plant", ShelfSource(halves()), [duty(zscore)], store, pace=Pace(most_rows=5))
    feed.open()
    store.claim("plant", "readings/0", "another watch")
    with pytest.raises(InputError, match="another process has claimed"):
        stepped(feed, lambda: False)


@pytest.mark.parametrize(("before", "now", "said"), [("0/3", "0/1", "among 3 workers"), ("0/1", "2/3", "among 1 work")])
def test_another_number_of_workers_is_refused_until_it_is_asked_for(
    store: Store, zscore: Artifact, before: str, now: str, said: str
) -> None:
    mailbox = Mailbox(lane=before)
    mailbox.put(rows(0, 50))
    first = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store)
    first.open()
    first.step()
    first.close()
    with pytest.raises(SettingError, match=said):
        Feed("plant", MailboxSource(Mailbox(lane=now)), [duty(zscore)], store).open()
    assert store.lanes("plant") == (before,)
    Feed("plant", MailboxSource(Mailbox(lane=now)), [duty(zscore)], store, fresh=True).open()
    assert store.lanes("plant") == (now,)


def test_workers_of_one_split_live_side_by_side(store: Store, zscore: Artifact) -> None:
    for lane in ("0/2", "1/2"):
        Feed("plant", MailboxSource(Mailbox(lane=lane)), [duty(zscore)], store).open()
    Feed("plant", MailboxSource(Mailbox(lane="0/2")), [duty(zscore)], store, fresh=True).open()
    assert store.lanes("plant") == ("0/2", "1/2")


def test_nothing_is_read_while_the_store_is_away_and_then_it_goes_on(tmp_path: Path, zscore: Artifact) -> None:
    store, shelf = fresh_store(tmp_path), Shelf({"": WHOLE}, ends=False)
    feed = Feed("plant", ShelfSource(shelf), [duty(zscore)], store, pace=Pace(most_rows=20))
    stop = threading.Event()
    locked = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    thread = threading.Thread(target=feed.run, args=(stop,))
    thread.start()
    awaited(lambda: judged(feed) >= 100)
    locked.execute("BEGIN IMMEDIATE")
    awaited(lambda: feed.trouble() != "" or judged(feed) == len(WHOLE))
    locked.execute("ROLLBACK")
    awaited(lambda: judged(feed) == len(WHOLE) and not feed.trouble())
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    with_lock = outcome(store)
    store.close()
    locked.close()
    other = fresh_store(tmp_path, "other")
    feed = Feed("plant", ShelfSource(Shelf({"": WHOLE}, ends=False)), [duty(zscore)], other)
    feed.open()
    stepped(feed, lambda: judged(feed) == len(WHOLE))
    feed.close()
    assert outcome(other) == with_lock
    other.close()


def test_it_stops_while_the_store_is_away_and_the_next_one_goes_on(tmp_path: Path, zscore: Artifact) -> None:
    store, mailbox = fresh_store(tmp_path), Mailbox()
    feed, stop = Feed("plant", MailboxSource(mailbox), [duty(zscore)], store), threading.Event()
    thread = threading.Thread(target=feed.run, args=(stop,))
    mailbox.put(rows(0, 150))
    thread.start()
    awaited(lambda: judged(feed) == 150)
    locked = sqlite3.connect(tmp_path / "tocsin.db", isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    mailbox.put(rows(150, 300))
    awaited(lambda: feed.trouble() != "")
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
    locked.close()
    mailbox.ends = True
    Feed("plant", MailboxSource(mailbox), [duty(zscore)], store, sinks=("log",)).run(threading.Event())
    found = outcome(store)
    store.close()
    whole, other = Mailbox(ends=True), fresh_store(tmp_path, "other")
    whole.put(WHOLE)
    lives(other, lambda _: MailboxSource(whole), [duty(zscore)], fuses=(), pace=SELDOM)
    assert outcome(other) == found
    other.close()


def awaited(so: Callable[[], bool], *, within_s: float = 30.0) -> None:
    until = time.monotonic() + within_s
    while not so():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.005)


def quick(artifact: Artifact) -> Duty:
    """Return a duty whose devices are silent after a fifth of a second."""
    hasty = replace(artifact, clock=replace(artifact.clock, period_ns=10**8))
    return Duty(hasty, stale_after=Span(2), keep_every_ns=0)


def test_silence_that_only_the_clock_told_is_told_once_over_a_restart(store: Store, zscore: Artifact) -> None:
    mailbox = Mailbox()
    mailbox.put(rows(0, 1))
    first = Feed("plant", MailboxSource(mailbox), [quick(zscore)], store, pace=SELDOM)
    first.open()
    stepped(first, lambda: bool(store.incidents()), most=100_000)
    (silent,) = store.incidents()
    assert (silent.notice.what, silent.notice.device, silent.notice.open) == ("stale", DEVICES[WHOLE.device[0]], True)
    second = Feed("plant", MailboxSource(mailbox), [quick(zscore)], store, pace=SELDOM)
    second.open()
    # by its stamps the device was never silent: only what was remembered tells that there is something to close
    one = rows(0, 1)
    mailbox.put(replace(one, time=one.time + MINUTE, arrived=one.arrived + MINUTE, shift_ns=MINUTE))
    stepped(second, lambda: not store.incidents(open=True))
    assert [notice.kind for notice in store.incident(silent.notice.id)[1]] == ["open", "close"]


def test_nobody_is_silent_while_the_source_is_away(store: Store, zscore: Artifact) -> None:
    mailbox = Mailbox()
    source = MailboxSource(mailbox)
    mailbox.put(rows(0, 1))
    feed = Feed("plant", source, [quick(zscore)], store)
    feed.open()
    feed.step()
    source.here = False
    until = time.monotonic() + 0.5
    while time.monotonic() < until:
        feed.step()
    assert store.incidents() == []
    assert feed.trouble() == "plant: the source is not connected."
    assert feed.meters.value("tocsin_connected", SOURCE) == 0


def test_messages_that_mean_nothing_are_kept_and_counted(store: Store, zscore: Artifact) -> None:
    class Muddled(ShelfSource):
        def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
            batch = super().poll(max_rows, timeout_s)
            return batch and replace(batch, dead=(DeadLetter("line 7", b"?", "It is no CSV.", 5),))

    feed = Feed("plant", Muddled(Shelf({"": WHOLE})), [duty(zscore)], store)
    feed.run(threading.Event())
    assert [letter.origin for letter in store.dead_letters(most=9)] == ["line 7"]
    assert feed.meters.value("tocsin_dead_letters_total", SOURCE) == 1


def test_other_duties_take_over_between_batches_and_what_is_the_same_remembers(store: Store, zscore: Artifact) -> None:
    shelf = Shelf({"": WHOLE.take(WHOLE.device < 2)}, ends=False)
    feed = Feed("plant", ShelfSource(shelf), [duty(zscore, name="all")], store, pace=Pace(most_rows=10))
    feed.open()
    stepped(feed, lambda: judged(feed) >= 100)
    feed.exchange([duty(zscore, name="all")], ("log",))
    stepped(feed, lambda: judged(feed) == shelf.length(""))
    feed.close()
    undisturbed = Shelf({"": WHOLE.take(WHOLE.device < 2)}, ends=False)
    other = Feed("other", ShelfSource(undisturbed), [duty(zscore, name="other")], store)
    other.open()
    stepped(other, lambda: judged(other) == shelf.length(""))
    other.close()
    assert verdicts(store, "all") == verdicts(store, "other")


class Interrupted(ShelfSource):
    """During its second poll somebody does something."""

    def __init__(self, shelf: Shelf, then: Callable[[], None]) -> None:
        super().__init__(shelf)
        self.polls, self.then = 0, then

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        self.polls += 1
        if self.polls == 2:
            self.then()
        return super().poll(max_rows, timeout_s)


def test_what_is_exchanged_during_a_poll_is_in_force_for_what_it_brings(store: Store, zscore: Artifact) -> None:
    source = Interrupted(Shelf({"": WHOLE}), lambda: feed.exchange([duty(zscore)], ("new",)))
    feed = Feed("plant", source, [duty(zscore)], store, sinks=("old",), pace=Pace(most_rows=10, snapshot_s=60.0))
    feed.run(threading.Event())
    assert store.waiting("new") > 0
    assert store.waiting("old") == 0, "the first ten readings ring for nothing, the others are told to the new sink"


def test_duties_are_exchanged_in_the_lanes_that_are_left(store: Store, zscore: Artifact) -> None:
    feed = Feed("plant", ShelfSource(halves()), [duty(zscore, name="old")], store, pace=Pace(most_rows=5))
    feed.open()
    for _ in range(4):
        feed.step()
    store.claim("plant", "readings/0", "another watch")
    feed.exchange([duty(zscore, name="new")], ())
    for _ in range(100):
        feed.step()
    assert {row[0] for row in verdicts(store, "new")} == {DEVICES[1]}


def test_a_new_artifact_begins_anew_and_is_counted_as_the_one_in_force(store: Store, zscore: Artifact) -> None:
    new = make_artifact("isolation_forest")
    feed = Feed("plant", ShelfSource(Shelf({"": WHOLE}, ends=False)), [duty(zscore)], store, pace=Pace(most_rows=50))
    feed.open()
    stepped(feed, lambda: judged(feed) == 100)
    feed.exchange([duty(new)], ())
    stepped(feed, lambda: judged(feed) == len(WHOLE))
    feed.close()
    in_force = {key[1][1]: value for key, value in feed.meters.values().items() if key[0] == "tocsin_artifact_info"}
    assert in_force == {"rolling_zscore": 0, "isolation_forest": 1}


def test_an_error_of_the_source_comes_through_as_it_is_and_the_source_is_closed(store: Store, zscore: Artifact) -> None:
    class Closing(ShelfSource):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    source = Closing(Shelf({"": WHOLE}, ends=False))
    source.error = InputError("The broker refuses us.", remedy="Give a password.")
    feed = Feed("plant", source, [duty(zscore)], store)
    with pytest.raises(InputError, match=r"The broker refuses us\. Give a password\."):
        feed.run(threading.Event())
    assert source.closed == 1


def test_news_is_announced_and_a_replay_has_none(store: Store, zscore: Artifact) -> None:
    shelf, rung = Shelf({"": WHOLE}), list[int]()

    class Losing(Store):
        def __init__(self) -> None:
            vars(self).update(vars(store))

        def write(self, entry: Entry) -> tuple[Notice, ...]:
            return super().write(replace(entry, state=None))

    for _ in range(2):
        feed = Feed("plant", ShelfSource(shelf), [duty(zscore)], Losing(), sinks=("log",), meters=Meters())
        feed.on_news = lambda: rung.append(1)
        feed.run(threading.Event())
    assert len(rung) == 1
    assert judged(feed) == len(WHOLE)
    assert feed.meters.total("tocsin_incidents_total") == 0


def test_its_own_work_on_a_batch_is_small(zscore: Artifact, tmp_path: Path) -> None:
    """Polls that bring nothing cost next to nothing: a bound that only a mistake of another order would break."""
    store = fresh_store(tmp_path)
    feed = Feed("plant", FusedShelf(Shelf({"": rows(0, 9)}, ends=False), Fuse(0)), [duty(zscore)], store)
    feed.pace = replace(feed.pace, most_ms=1)
    feed.open()
    feed.step()
    began = time.process_time()
    for _ in range(200):
        feed.step()
    assert (time.process_time() - began) / 200 < 0.005
    store.close()
