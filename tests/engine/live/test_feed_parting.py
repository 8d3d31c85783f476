"""No incident stays open for ever because nobody is left who would close it, and none is told twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.engine.conftest import calm, make_artifact
from tests.engine.live.recovering import SELDOM, fresh_store
from tests.engine.live.streams import rows

from tocsin.alerting.span import Span
from tocsin.core.arrivals import Arrivals
from tocsin.core.live import Batch, Position, Source
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.pace import Pace
from tocsin.store import Store
from tocsin.testing.toy_sources import Mailbox, MailboxSource, Shelf, ShelfSource

FOREST = make_artifact("isolation_forest")
OLD = Duty(FOREST, "old", stale_after=Span(3))
NEW = replace(OLD, name="new")
"""The same under another name."""
AT_ONCE = Pace(snapshot_s=0.0, snapshot_cost=0.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = fresh_store(tmp_path)
    yield found
    found.close()


def strange() -> Arrivals:
    """Return readings of one device that are strange from the fiftieth on, and of one that falls silent."""
    values = calm(61)
    values[50:] += 30
    minutes = [0.0, *map(float, range(60))]
    return rows(minutes, ["fan"] + ["pump-1"] * 60, values=values)


def after() -> Arrivals:
    return rows([60.0], ["pump-1"])


def letters() -> Mailbox:
    box = Mailbox()
    box.put(strange())
    return box


def going(store: Store) -> list[tuple[str, str]]:
    return sorted((one.notice.what, one.notice.duty) for one in store.incidents(open=True))


def fed(store: Store, source: Source, duty: Duty, *, steps: int, pace: Pace = AT_ONCE, fresh: bool = False) -> Feed:
    """Return a feed that made so many steps and then died."""
    feed = Feed("plant", source, [duty], store, sinks=("log",), pace=pace, fresh=fresh)
    feed.open()
    for _ in range(steps):
        feed.step()
    return feed


NOTHING = Batch(Arrivals.none(), Position(""))
OPEN = [("anomaly", "old"), ("stale", "old")]
SOURCES = pytest.mark.parametrize(
    "source",
    [lambda: ShelfSource(Shelf({"readings/0": strange()}, ends=False)), lambda: MailboxSource(letters())],
    ids=["read again", "journal"],
)


@SOURCES
@pytest.mark.parametrize("pace", [AT_ONCE, SELDOM], ids=["written", "died before"])
def test_what_a_duty_of_an_earlier_run_left_open_is_over(
    store: Store, source: Callable[[], Source], pace: Pace
) -> None:
    fed(store, source(), OLD, steps=1, pace=pace)
    assert going(store) == OPEN
    fed(store, source(), NEW, steps=4)
    assert {duty for _, duty in going(store)} <= {"new"}
    for one in store.incidents(open=False):
        _, history = store.incident(one.notice.id)
        assert [notice.kind for notice in history] == ["open", "close"]
    waiting = [letter.notice.kind for letter in store.due("log", now_ns=1, most=99)]
    assert waiting.count("close") == 2


def test_a_duty_that_goes_while_it_runs_leaves_nothing_open(store: Store) -> None:
    shelf = Shelf({"readings/0": strange()}, ends=False)
    feed = fed(store, ShelfSource(shelf), OLD, steps=1)
    assert going(store) == OPEN
    feed.exchange([NEW], ("log",))
    shelf.put("readings/0", after())
    feed.step()
    assert going(store) == []


def test_who_begins_anew_leaves_nothing_open_that_nobody_would_close(store: Store) -> None:
    fed(store, MailboxSource(letters()), OLD, steps=1)
    box = Mailbox(lane="0/2")
    box.put(after())
    fed(store, MailboxSource(box), OLD, steps=1, fresh=True)
    assert going(store) == []


def test_what_is_read_again_from_the_beginning_stands_as_it_did(store: Store) -> None:
    for fresh in (False, True):
        shelf = Shelf({"readings/0": strange()})
        Feed("plant", ShelfSource(shelf), [OLD], store, pace=AT_ONCE, fresh=fresh).run(threading.Event())
        assert going(store) == OPEN


def test_a_file_that_has_ended_is_told_to_have_ended_once(store: Store) -> None:
    for _ in range(3):
        Feed("plant", ShelfSource(Shelf({"": strange()})), [OLD], store, pace=AT_ONCE).run(threading.Event())
    (anomaly,) = (one for one in store.incidents() if one.notice.what == "anomaly")
    assert [notice.kind for notice in store.incident(anomaly.notice.id)[1]] == ["open", "update"]


class Skipping(ShelfSource):
    """Finds nothing but messages that hold no readings, with more behind them."""

    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        return replace(
            super().poll(max_rows, timeout_s) or NOTHING, lane="readings/0", position=Position("62"), waiting=9
        )


def test_what_is_over_is_told_with_the_state_that_has_forgotten_it(store: Store) -> None:
    """A process that dies between the two would leave it open for ever."""
    shelf = Shelf({"readings/0": strange()}, ends=False)
    fed(store, ShelfSource(shelf), OLD, steps=1)
    fed(store, Skipping(shelf), NEW, steps=1)
    assert set(store.claim("plant", "readings/0", "a test").parts) == {"lane"}
    assert going(store) == []


def test_nobody_is_silent_while_what_was_heard_is_judged_again(store: Store) -> None:
    patient = replace(OLD, stale_after=Span(0, 500 * 10**6))
    heard = rows([0.0])
    box = Mailbox()
    for block in (heard, Arrivals.none(shift_ns=1), Arrivals.none(shift_ns=1), replace(heard, time=heard.time + 1)):
        box.put(block)
    fed(store, MailboxSource(box), patient, steps=4, pace=SELDOM)
    again = fed(store, MailboxSource(box), patient, steps=1, pace=SELDOM)
    time.sleep(0.8)
    again.step()
    assert store.incidents() == []
