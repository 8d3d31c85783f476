"""What a store promises of news: incidents, letters to sinks, verdicts, dead letters, and how long they are kept."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import DeadLetter
from tocsin.core.errors import InputError
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.store import Answer, Store
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice, opened, told

_YEARS_NS = 3 * 365 * 86_400 * 10**9


def a_replay_adds_nothing(url: str) -> None:
    """What is written twice is there once, also when a sink has taken it in between."""
    with opened(url) as store:
        dead = tuple(DeadLetter("topic", b"{", "no JSON", when) for when in (1, 2, 2))
        batch = Tidings((notice(), notice("2f")), (kept([5, 6]),), dead)
        epoch = store.claim(FEED, LANE, "check").epoch
        assert store.write(entry(epoch, batch)) == batch.notices
        store.delivered([letter.number for letter in store.due("log", now_ns=1, most=9)])
        assert store.write(entry(epoch, batch)) == ()
        assert store.waiting("log") == 0
        assert len(store.incidents()) == 2
        assert len(store.verdicts()) == 2
        assert len(store.dead_letters()) == 3


def an_incident_never_goes_back(url: str) -> None:
    """Older news of an incident is kept in its history, and does not change how it stands."""
    with opened(url) as store:
        told(store, notice(revision=2, kind="close", end=40))
        told(store, notice(revision=1, kind="update", end=30))
        stands, history = store.incident("1f")
        assert (stands.notice.revision, stands.notice.open) == (2, False)
        assert [news.revision for news in history] == [1, 2]


def a_lane_finds_what_it_left_open(url: str) -> None:
    """Of a lane, and of no other, the last news of what is going on can be asked for."""
    with opened(url) as store:
        told(store, notice("1f"), notice("2f"), notice("2f", 1, "update", end=30), notice("3f"))
        told(store, notice("3f", 1, "close"))
        assert store.going(FEED, LANE) == [notice("1f"), notice("2f", 1, "update", end=30)]
        assert store.going(FEED, "1/1") == store.going("other", LANE) == []


def notices_come_back_as_they_were(url: str) -> None:
    """Every field of a notice comes back, with numbers that are none, and names that databases refuse."""
    causes = (("temp\x00", 0.1 + 0.2), ("\ud800", 0.7))
    odd = Notice(
        "ab", 3, "update", "stale", "Füße", "p\x00\ud800-1", -5, NEVER, 2**62, 7, True, float("inf"), 0.1 + 0.2,
        "critical", causes, "adopted", True, "cd", "v1",
    )  # fmt: skip
    with opened(url) as store:
        told(store, odd, replace(odd, revision=4, score=float("-inf")), replace(odd, revision=5, limit=float("nan")))
        stands, history = store.incident("ab")
        assert history[0] == odd
        assert history[1].score == float("-inf")
        assert np.isnan(history[2].limit)
        assert stands.notice.revision == 5
        assert len(store.incidents(device=odd.device, duty=odd.duty)) == 1
        assert store.due("log", now_ns=1, most=1)[0].notice == odd


def what_is_held_back_goes_to_nobody(url: str) -> None:
    """An incident that was held back is listed, and no sink hears of it."""
    with opened(url) as store:
        told(store, notice(kind="held"), notice("2f"), sinks=("a", "b"))
        assert (store.waiting("a"), store.waiting("b"), store.waiting("c")) == (1, 1, 0)
        assert len(store.incidents()) == 2
        assert store.open_count() == {"anomaly": 1}


def letters_come_in_order(url: str) -> None:
    """A postponed letter holds back later news of its incident, and of no other; its turn comes, as it was."""
    with opened(url) as store:
        told(store, notice(), notice("2f"), notice(revision=1, kind="close"))
        first = store.due("log", now_ns=100, most=9)
        assert [(own.notice.id, own.notice.revision, own.tries) for own in first] == [
            ("1f", 0, 0), ("2f", 0, 0), ("1f", 1, 0),
        ]  # fmt: skip
        store.postpone([first[0].number], until_ns=200, reason="away")
        assert _due(store, 199) == [("2f", 0)]
        assert _due(store, 200) == [("1f", 0), ("2f", 0), ("1f", 1)]
        assert store.due("log", now_ns=200, most=1)[0].tries == 1
        store.delivered([first[0].number, first[1].number])
        assert _due(store, 200) == [("1f", 1)]
        assert store.waiting("log") == 1


def a_letter_is_taken_by_one(url: str) -> None:
    """What one process takes no other gets until it is done, is late, or has lost its lane; one of an incident."""
    soon, late = 10 * 10**9, 35 * 10**9
    with opened(url) as store:
        told(store, notice(), notice("2f"), notice(revision=1, kind="close"))
        store.claim(FEED, LANE, "a")
        mine = store.take("log", holder="a", now_ns=0, most=1)
        assert [own.notice.id for own in mine] == ["1f"]
        assert _taken(store, "b", soon) == [("2f", 0)]
        assert _taken(store, "c", soon) == []
        assert _taken(store, "c", late) == [("1f", 0)]
        assert _taken(store, "a", late + soon) == [("2f", 0)]
        store.claim(FEED, LANE, "next")
        assert _taken(store, "next", late + soon) == [("2f", 0)]
        store.delivered([own.number for own in mine])
        assert _taken(store, "next", late + soon) == [("1f", 1)]


def a_clock_set_back_keeps_no_letter(url: str) -> None:
    """Letters that were postponed by a clock that was hours ahead are due."""
    hour = 3_600 * 10**9
    with opened(url) as store:
        told(store, notice())
        store.postpone([store.due("log", now_ns=1, most=1)[0].number], until_ns=5 * hour, reason="away")
        assert _due(store, hour) == [("1f", 0)]


def what_no_sink_takes_is_put_aside(url: str) -> None:
    """A letter that is put aside is a dead letter with the sink's name and the reason."""
    with opened(url) as store:
        told(store, notice(), notice("2f"))
        letter = store.due("log", now_ns=1, most=1)[0]
        store.put_aside([letter.number], reason="too long")
        (dead,) = store.dead_letters()
        assert ("log" in dead.origin, dead.reason, b'"1f"' in dead.payload) == (True, "too long", True)
        assert _due(store, 1) == [("2f", 0)]
        store.delivered([])
        store.postpone([], until_ns=5, reason="")


def incidents_are_found(url: str) -> None:
    """Incidents are found by what they are, the latest first; of an unknown one it is said so."""
    with opened(url) as store:
        old = replace(notice("a", kind="close", device="x", end=15), start=1)
        told(store, old, replace(notice("b", device="y"), start=2, duty="d"), replace(notice("c", end=90), start=3))
        assert _ids(store, open=None) == ["c", "b", "a"]
        assert _ids(store, open=True) == ["c", "b"]
        assert _ids(store, open=False) == ["a"]
        assert [own.notice.id for own in store.incidents(since_ns=16)] == ["c", "b"]
        assert [own.notice.id for own in store.incidents(device="x")] == ["a"]
        assert [own.notice.id for own in store.incidents(duty="d")] == ["b"]
        assert [own.notice.id for own in store.incidents(most=1)] == ["c"]
        _unknown(store)


def what_people_say_stays(url: str) -> None:
    """Whoever acknowledged or labelled an incident is named there, also after later news of it."""
    with opened(url) as store:
        told(store, notice())
        store.acknowledge("1f", by="Ada", note="on my way", now_ns=77)
        told(store, notice(revision=1, kind="close"))
        store.label("1f", "true", by="Bob", note="bearing", now_ns=88)
        (found,) = store.incidents()
        assert (found.acknowledged_by, found.acknowledged_ns) == ("Ada", 77)
        assert (found.label, found.note, found.notice.revision) == ("true", "bearing", 1)


def verdicts_come_back_as_they_were(url: str) -> None:
    """Verdicts come back in order of time, whole, and of two with one name the first stays."""
    nan = float("nan")
    block = Kept(
        "d", ("x", "unused", "y"), np.array([2, 0, 0]), np.array([-7, 120 * 10**9, 5]), np.array([0.1 + 0.2, nan, 2.0]),
        np.array([1.0, nan, np.inf]), np.array([0, 3, 0], np.uint8), np.array([-9, NEVER, 4]),
    )  # fmt: skip
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        store.write(entry(epoch, Tidings((), (block, kept([5])))))
        store.write(entry(epoch, Tidings((), (replace(block, score=block.score + 9),))))
        back = store.verdicts(duty="d")
        assert [back.devices[k] for k in back.device] == ["y", "x", "x"]
        assert back.time.tolist() == [-7, 5, 120 * 10**9]
        assert back.incident.tolist() == [-9, 4, NEVER]
        assert back.status.tolist() == [0, 0, 3]
        assert back.status.dtype == np.uint8
        assert np.array_equal(back.score, [0.1 + 0.2, 2.0, nan], equal_nan=True)
        assert np.array_equal(back.limit, [1.0, np.inf, nan], equal_nan=True)
        assert store.verdicts(duty="d", device="x", since_ns=5, until_ns=120 * 10**9).time.tolist() == [5]
        assert store.verdicts(duty="d", most=1).time.tolist() == [-7]
        assert len(store.verdicts(device="pump-1")) == 1


def the_newest_verdicts_are_found(url: str) -> None:
    """Of each device the newest verdict that was kept can be asked for, and of a device the newest ones."""
    minute = 60 * 10**9
    with opened(url) as store:
        epoch = store.claim(FEED, LANE, "check").epoch
        mine, other = kept([-5, 5, 3 * minute + 1]), kept([2 * minute], device="pump-2", score=4.0)
        store.write(entry(epoch, Tidings((), (mine, other, replace(kept([9]), duty="d", devices=("x",))))))
        found = {
            (own.duty, own.devices[k]): time
            for own in store.latest()
            for k, time in zip(own.device, own.time.tolist(), strict=True)
        }
        assert found == {("", "pump-1"): 3 * minute + 1, ("", "pump-2"): 2 * minute, ("d", "x"): 9}
        assert store.latest()[0].score.tolist() == [1.0, 4.0]
        assert store.devices() == [("", "pump-1"), ("", "pump-2"), ("d", "x")]
        assert store.verdicts(device="pump-1", most=2, newest=True).time.tolist() == [5, 3 * minute + 1]
        assert store.verdicts(device="pump-1", until_ns=6, most=1, newest=True).time.tolist() == [5]


def all_that_people_said_is_kept(url: str) -> None:
    """Answers stand in the order in which they came, each with who gave it and when."""
    with opened(url) as store:
        told(store, notice())
        assert store.answers("1f") == store.answers("nowhere") == ()
        store.acknowledge("1f", by="Ada", note="on my way", now_ns=77)
        store.label("1f", "bearing", by="Bob\ud800", now_ns=88)
        first, second = store.answers("1f")
        assert first == Answer("acknowledge", "", "Ada", "on my way", 77)
        assert (second.label, second.by, second.at_ns) == ("bearing", "Bob\ufffd", 88)


def nothing_open_or_undelivered_is_pruned(url: str) -> None:
    """Pruning takes what is old and closed, and leaves incidents that go on or that a sink has not heard of."""
    with opened(url) as store:
        dead = (DeadLetter("topic", b"{", "no JSON", 1),)
        epoch = store.claim(FEED, LANE, "check").epoch
        news = (notice("open"), notice("closed", kind="close"), notice("unheard", kind="close"))
        store.write(entry(epoch, Tidings(news, (kept([5]),), dead)))
        store.label("closed", "true", by="Ada")
        store.delivered([own.number for own in store.due("log", now_ns=1, most=9) if own.notice.id != "unheard"])
        none = {"verdicts": 0, "incidents": 0, "dead_letters": 0}
        assert store.prune(time.time_ns()) == none
        assert store.prune(time.time_ns() + _YEARS_NS) == dict.fromkeys(none, 1)
        assert sorted(own.notice.id for own in store.incidents()) == ["open", "unheard"]
        assert len(store.verdicts()) == 0
        assert store.dead_letters() == []
        assert _due(store, 1) == [("unheard", 0)]
        store.write(entry(epoch, Tidings((), (kept([5, 6]),))))
        assert len(store.verdicts()) == 2


def _due(store: Store, now_ns: int) -> list[tuple[str, int]]:
    return [(letter.notice.id, letter.notice.revision) for letter in store.due("log", now_ns=now_ns, most=9)]


def _taken(store: Store, holder: str, now_ns: int) -> list[tuple[str, int]]:
    letters = store.take("log", holder=holder, now_ns=now_ns, most=9)
    return [(letter.notice.id, letter.notice.revision) for letter in letters]


def _ids(store: Store, *, open: bool | None) -> list[str]:
    return [own.notice.id for own in store.incidents(open=open)]


def _unknown(store: Store) -> None:
    for ask in (store.incident, lambda id: store.label(id, "true", by="Ada"), lambda id: store.acknowledge(id, by="A")):
        try:
            ask("nowhere")
        except InputError:
            continue
        raise AssertionError("an incident that is not there was found")


CHECKS = (
    a_replay_adds_nothing,
    an_incident_never_goes_back,
    a_lane_finds_what_it_left_open,
    notices_come_back_as_they_were,
    what_is_held_back_goes_to_nobody,
    letters_come_in_order,
    a_letter_is_taken_by_one,
    a_clock_set_back_keeps_no_letter,
    what_no_sink_takes_is_put_aside,
    incidents_are_found,
    what_people_say_stays,
    verdicts_come_back_as_they_were,
    the_newest_verdicts_are_found,
    all_that_people_said_is_kept,
    nothing_open_or_undelivered_is_pruned,
)
