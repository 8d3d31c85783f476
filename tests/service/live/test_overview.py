from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tocsin.core.frames import Frame
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.core.verdicts import Status
from tocsin.service.live import hub as hubs
from tocsin.service.live.hub import Hub
from tocsin.service.live.overview import Overview
from tocsin.service.live.story import story
from tocsin.service.settings import Limits
from tocsin.store import Store
from tocsin.testing._store_toys import FEED, LANE, entry, kept, notice
from tocsin.testing.told_fleet import ToldFleet

SECOND = 10**9
NOW = 1_700_000_000 * SECOND


def wrote(store: Store, *news: Notice, verdicts: Sequence[Kept] = ()) -> None:
    store.write(entry(store.claim(FEED, LANE, "test").epoch, Tidings(news, tuple(verdicts))))


def frame(scores: dict[str, float], *, at: int = NOW, duty: str = "", status: Status = Status.ok) -> Frame:
    n = len(scores)
    values = np.arange(n, dtype=np.float32)[:, None]
    score = np.array(list(scores.values()))
    return Frame(
        duty, "v1", False, ("temp",), tuple(scores), np.arange(n), np.full(n, at), values, score, np.full(n, 2.0),
        np.full(n, status, np.uint8), np.where(score > 2, 0, -1),
    )  # fmt: skip


def names(document: dict[str, Any]) -> list[str]:
    return [one["device"] for one in document["devices"]]


def test_what_is_open_comes_first_by_grade_then_the_worst_of_ten_minutes(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({"calm": 0.1, "was-bad": 9.0, "minor": 1.0, "critical": 0.2, "bad": 5.0}, at=NOW - 60 * SECOND))
    hub.take(frame({"calm": 0.2, "was-bad": 0.3, "minor": 1.0, "critical": 0.1, "bad": 5.0}))
    wrote(store, replace(notice("a", device="minor"), grade="minor"))
    wrote(store, replace(notice("b", device="critical"), grade="critical"))
    told = Overview(hub, store).document()
    assert names(told) == ["critical", "minor", "was-bad", "bad", "calm"]
    assert [told[name] for name in ("found", "total", "live", "anomalous", "silent", "open")] == [5, 5, 5, 1, 0, 2]
    first, _, third, *_ = told["devices"]
    assert first["open"] == ["b"]
    assert (third["severity"], third["worst"], third["cause"]) == (0.15, 4.5, None)
    assert (third["time"], third["values"]) == ("2023-11-14T22:13:20Z", {"temp": 1.0})


def test_what_is_longer_ago_than_ten_minutes_is_the_worst_no_more(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({"pump": 9.0}, at=NOW - 700 * SECOND))
    hub.take(frame({"pump": 1.0}))
    assert Overview(hub, store).document()["devices"][0]["worst"] == 0.5


def test_devices_that_no_watch_tells_of_stand_as_they_were_kept(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({"pump-1": 1.0}))
    wrote(store, verdicts=[kept([NOW - 9 * SECOND, NOW], device="old", score=6.0), kept([NOW], device="pump-1")])
    told = Overview(hub, store).document()
    assert names(told) == ["old", "pump-1"]
    old = told["devices"][0]
    assert (old["live"], old["status"], old["score"], old["worst"]) == (False, "ok", 6.0, pytest.approx(6 / 7))
    assert (old["values"], old["cause"], told["live"], told["total"]) == ({}, None, 1, 2)


def test_a_device_of_which_nothing_was_kept_lately_is_listed_all_the_same(store: Store) -> None:
    minute = 60 * SECOND
    wrote(store, verdicts=[kept([0], device="gone"), kept([k * minute for k in range(5_000, 5_100)], device="here")])
    told = {one["device"]: one for one in Overview(Hub(Limits()), store).document()["devices"]}
    assert (told["gone"]["time"], told["gone"]["status"], told["gone"]["score"]) == (None, "unknown", None)
    assert told["here"]["status"] == "ok"


def test_a_silent_device_is_said_to_be_silent(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({"a": 1.0, "b": 1.0, "c": 1.0}))
    hub.take(frame({"b": float("nan")}, at=NOW + 1, status=Status.stale))
    wrote(store, replace(notice("x", device="a"), what="stale"))
    told = {one["device"]: one for one in Overview(hub, store).document()["devices"]}
    assert [told[name]["silent"] for name in "abc"] == [True, True, False]
    assert (told["b"]["status"], told["b"]["score"]) == ("stale", None)


def test_devices_are_found_by_a_part_of_the_name_or_a_pattern_and_paged(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({f"Room-{k}": float(20 - k) for k in range(12)}))
    overview = Overview(hub, store)
    assert names(overview.document(like="room-1")) == ["Room-1", "Room-10", "Room-11"]
    assert names(overview.document(like="*-1")) == ["Room-1"]
    assert overview.document(like="nothing")["devices"] == []
    assert names(overview.document(most=2, skip=3)) == ["Room-3", "Room-4"]
    assert overview.document(like="room-1", most=1)["found"] == 3


def test_one_duty_alone_can_be_asked_for(store: Store) -> None:
    hub = Hub(Limits())
    hub.take(frame({"a": 1.0}, duty="x"))
    hub.take(frame({"a": 9.0}, duty="y"))
    wrote(store, replace(notice("1", device="a"), duty="y"), verdicts=[replace(kept([5], device="k"), duty="x")])
    assert names(Overview(hub, store, duty="x").document()) == ["a", "k"]
    both = Overview(hub, store).document()
    assert [(one["duty"], one["open"]) for one in both["devices"]] == [("y", ["1"]), ("x", []), ("x", [])]


def test_a_watch_that_has_gone_is_not_live(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(Limits())
    hub.take(frame({"a": 1.0}))
    monkeypatch.setattr(hubs, "LIVE_S", 0.0)
    assert Overview(hub, store).document()["devices"][0]["live"] is False


def test_nothing_is_nothing(store: Store) -> None:
    assert Overview(Hub(Limits()), store).document() == {
        "devices": [], "found": 0, "total": 0, "live": 0, "anomalous": 0, "silent": 0, "open": 0,
    }  # fmt: skip
    assert story(Hub(Limits()), store, "nobody", duty=None, minutes=5) is None


def test_a_story_is_told_by_the_watch_and_before_that_by_the_store(store: Store) -> None:
    hub = Hub(Limits())
    for second in range(3):
        hub.take(frame({"pump": 1.0 + second}, at=NOW + second * SECOND))
    early = [NOW - 120 * SECOND, NOW - 60 * SECOND, NOW + SECOND]
    wrote(store, replace(notice("1", device="pump")), verdicts=[kept(early, device="pump", score=0.5)])
    told = story(hub, store, "pump", duty=None, minutes=1.5)
    assert told is not None
    assert told["time"] == [f"2023-11-14T22:{clock}Z" for clock in ("12:20", "13:20", "13:21", "13:22")]
    assert told["score"] == [0.5, 1.0, 2.0, 3.0]
    assert told["values"] == {"temp": [None, 0.0, 0.0, 0.0]}
    assert [one["id"] for one in told["incidents"]] == ["1"]
    assert (told["live"], told["duty"], told["channels"]) == (True, "", ["temp"])
    brief = story(hub, store, "pump", duty="", minutes=1 / 60)
    assert brief is not None
    assert brief["score"] == [2.0, 3.0]
    assert story(hub, store, "pump", duty="other", minutes=1) is None


def test_a_story_of_the_store_alone_counts_back_from_its_own_last_verdict(store: Store) -> None:
    times = [NOW - k * 60 * SECOND for k in (30, 5, 0)]
    wrote(store, verdicts=[kept(times, device="pump"), kept([NOW + 10**15], device="other")])
    told = story(Hub(Limits()), store, "pump", duty=None, minutes=10)
    assert told is not None
    assert (len(told["time"]), told["live"], told["values"]) == (2, False, {})


def test_rows_that_are_the_clock_are_numbers(store: Store) -> None:
    wrote(store, verdicts=[kept([5, 6, 7], device="pump")])
    told = story(Hub(Limits()), store, "pump", duty=None, minutes=10)
    assert told is not None
    assert (told["row_clock"], told["time"]) == (True, [5, 6, 7])
    hub = Hub(Limits())
    hub.take(replace(frame({"pump": 1.0}, at=9), row_clock=True))
    assert Overview(hub, store).document()["devices"][0]["time"] == 9
    live = story(hub, store, "pump", duty=None, minutes=10)
    assert live is not None
    assert live["time"] == [9]


def test_ten_thousand_devices_are_put_in_order_within_a_moment(store: Store) -> None:
    hub, fleet = Hub(Limits()), ToldFleet(devices=10_000)
    hub.take(fleet.frame(NOW, seconds=1))
    Overview(hub, store).document()
    took = []
    for _ in range(3):
        began = time.thread_time()
        Overview(hub, store).document()
        took.append(time.thread_time() - began)
    assert min(took) < 0.06
