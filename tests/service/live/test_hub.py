from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import numpy as np
import pytest

from tocsin.core.frames import Frame
from tocsin.service.live import _audience, hub
from tocsin.service.live._audience import MOST_EVENTS, Viewer, Wish
from tocsin.service.live.hub import Hub
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits
from tocsin.testing.told_fleet import ToldFleet

SECOND = 10**9
NOW = 1_700_000_000 * SECOND
FLEET = ToldFleet(devices=5)


def frame(second: int = 0, *, fleet: ToldFleet = FLEET, seconds: float = 1.0) -> Frame:
    return fleet.frame(NOW + second * SECOND, seconds=seconds)


def parsed(events: bytes) -> list[tuple[str, Any]]:
    """Return events as (name, content), and comments as ("", text)."""
    found = []
    for block in events.decode().split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        found.append((lines.get("event", ""), json.loads(lines["data"]) if "data" in lines else block))
    return found


async def taken(events: AsyncIterator[bytes], most: int = 1) -> bytes:
    return b"".join([await asyncio.wait_for(anext(events), 5) for _ in range(most)])


def ran(work: Callable[[Hub], Coroutine[Any, Any, None]], *, limits: Limits | None = None) -> Hub:
    found = Hub(limits or Limits())
    asyncio.run(work(found))
    return found


def test_what_comes_again_or_too_late_is_no_news() -> None:
    own = Hub(Limits())
    assert own.take(frame(seconds=3.0)) == 15
    assert own.take(frame(seconds=3.0)) == 0
    assert own.take(frame(1, seconds=2.0)) == 5
    assert own.take(frame(-9)) == 0
    (fleet,) = own.fleets()
    assert fleet.latest["time"].tolist() == [NOW + SECOND] * 5


@pytest.mark.parametrize(("back", "news"), [(300, 0), (700, 5)])
def test_readings_that_are_read_anew_are_news_again(back: int, news: int) -> None:
    own = Hub(Limits())
    own.take(frame(0, seconds=3.0))
    assert own.take(frame(-back)) == news
    (fleet,) = own.fleets()
    assert fleet.latest["time"].tolist() == [NOW - (back if news else 0) * SECOND] * 5
    assert len(fleet.past(0).time) == (1 if news else 3)


def test_rows_that_are_counted_anew_are_news_again() -> None:
    own = Hub(Limits())
    for row, news in ((500, 1), (450, 0), (3, 1), (4, 1)):
        one = frame().take(np.array([0])).document() | {"time": [row], "row_clock": True}
        assert own.take(Frame.of(one)) == news


def test_the_latest_is_the_newest_and_the_past_is_in_order() -> None:
    own = Hub(Limits())
    whole = frame(seconds=4.0)
    own.take(whole.take(np.arange(len(whole))[::-1]))
    (fleet,) = own.fleets()
    place = fleet.find("room-1")
    assert place is not None
    assert fleet.past(place).time.tolist() == [NOW - k * SECOND for k in (3, 2, 1, 0)]
    assert fleet.anomalous()[place]
    assert fleet.worst()[place] == pytest.approx(np.nanmax(whole.severity[whole.device == 1]), rel=1e-6)
    assert fleet.find("room-9") is None


def test_of_two_viewers_who_want_the_same_each_gets_the_same_bytes() -> None:
    async def work(own: Hub) -> None:
        both, one = [own.join(Wish(duty="plant")) for _ in range(2)], own.join(Wish(device="room-1"))
        await asyncio.to_thread(own.take, frame(), skipped=7)
        first, second = [await taken(viewer.events()) for viewer in both]
        assert first is second
        (name, told), *_ = parsed(first)
        assert (name, told["device"], told["skipped"]) == ("verdicts", list(FLEET.frame(NOW, seconds=1).devices), 7)
        assert told["time"][0] == "2023-11-14T22:13:20Z"
        ((_, narrow),) = parsed(await taken(one.events()))
        assert narrow["device"] == ["room-1"]
        assert narrow["cause"] == ["temp"]
        assert list(narrow["values"]) == ["temp", "humidity"]

    ran(work)


def test_nobody_is_sent_what_they_do_not_want() -> None:
    async def work(own: Hub) -> None:
        other = own.join(Wish(duty="elsewhere"))
        own.take(frame())
        own.tell_incident({"duty": "plant", "device": "room-1"})
        own.tell_incident({"duty": "elsewhere", "device": "room-1"})
        ((name, told),) = parsed(await taken(other.events()))
        assert (name, told["duty"]) == ("incident", "elsewhere")

    ran(work)


def test_where_there_are_more_than_wanted_the_worst_are_sent_and_the_others_counted() -> None:
    async def work(own: Hub) -> None:
        viewer = own.join(Wish(most=1))
        own.take(frame())
        ((_, told),) = parsed(await taken(viewer.events()))
        assert (told["device"], told["skipped"]) == (["room-1"], 4)

    ran(work)


def test_a_viewer_who_takes_nothing_loses_the_oldest_and_is_told_how_many() -> None:
    async def work(own: Hub) -> None:
        slow, quick = own.join(Wish()), own.join(Wish())
        events = quick.events()
        for second in range(MOST_EVENTS + 5):
            own.take(frame(second))
            await taken(events)
        (first, (_, told), *_) = parsed(await taken(slow.events()))
        assert first == ("skipped", {"events": 5})
        assert told["time"][0] == "2023-11-14T22:13:25Z"

    ran(work)


def test_what_waits_for_a_viewer_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_audience, "MOST_BYTES", 1_000)

    async def work() -> None:
        viewer = Viewer(Wish())
        for _ in range(9):
            viewer.offer(b"x" * 400)
        assert (await taken(viewer.events())).startswith(b"event: skipped")

    asyncio.run(work())


def test_one_who_begins_to_look_on_is_told_how_things_stand() -> None:
    own = Hub(Limits())
    assert own.greeting(Wish()) == b""
    own.take(frame())
    ((name, told),) = parsed(own.greeting(Wish(most=2)))
    assert (name, told["snapshot"], len(told["device"])) == ("verdicts", True, 2)
    assert parsed(own.greeting(Wish(device="room-3")))[0][1]["device"] == ["room-3"]
    assert own.greeting(Wish(device="nobody")) == b""


def test_one_who_comes_back_is_told_what_went_by() -> None:
    own = Hub(Limits())
    own.take(frame(0))
    number = own.greeting(Wish()).decode().partition("id: ")[2].partition("\n")[0]
    assert [name for name, _ in parsed(own.greeting(Wish(), after=number))] == ["verdicts"]
    own.take(frame(1))
    own.take(frame(2))
    assert parsed(own.greeting(Wish(), after=number))[0] == ("skipped", {"events": 2})
    for strange in ("otherrun-1", "1", "-", f"{number}9"):
        assert parsed(own.greeting(Wish(), after=strange))[0] == ("skipped", {"events": None})


def test_silence_is_filled_with_comments_and_a_stream_ends_after_its_time() -> None:
    async def work(own: Hub) -> None:
        viewer = own.join(Wish())
        found = [told async for told in viewer.events(heartbeat_s=0.02, longest_s=0.1)]
        assert 2 <= len(found) <= 5
        assert set(found) == {b": still here\n\n"}

    ran(work)


def test_all_are_sent_home_at_the_end_and_nobody_may_join() -> None:
    async def work(own: Hub) -> None:
        viewer = own.join(Wish())
        waiting = asyncio.create_task(anext(viewer.events(), None))
        await asyncio.sleep(0.01)
        await asyncio.to_thread(own.close)
        assert await asyncio.wait_for(waiting, 5) is None
        with pytest.raises(ProblemError, match="about to end"):
            own.check_room()
        assert await anext(own.join(Wish()).events(), None) is None

    ran(work).close()


def test_only_so_many_may_look_on() -> None:
    async def work(own: Hub) -> None:
        viewers = [own.join(Wish()) for _ in range(2)]
        with pytest.raises(ProblemError, match="2 look on already"):
            own.check_room()
        own.leave(viewers[0])
        own.leave(viewers[0])
        own.check_room()
        assert own.viewers == 1

    ran(work, limits=Limits(viewers=2))


def test_viewers_of_a_loop_that_has_ended_hurt_nobody() -> None:
    async def work(own: Hub) -> None:
        own.join(Wish())

    own = ran(work)
    assert own.take(frame()) == 5
    own.close()


def test_other_channels_are_another_fleet_and_the_version_is_the_last() -> None:
    own = Hub(Limits())
    own.take(frame())
    other = Frame.of({**frame(1).document(), "channels": ["a", "b"], "artifact": "ffff"})
    own.take(other)
    assert len(own.fleets("plant")) == 2
    assert own.duties == {"plant": "ffff"}
    assert own.fleets("elsewhere") == []


def test_too_many_duties_are_refused_and_those_nobody_tells_of_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_DUTIES", 2)
    own = Hub(Limits())
    for name in "ab":
        own.take(frame(fleet=ToldFleet(devices=1, duty=name)))
    with pytest.raises(ProblemError, match="More than 2 duties"):
        own.take(frame(fleet=ToldFleet(devices=1, duty="c")))
    monkeypatch.setattr(hub, "LIVE_S", 0.0)
    own.take(frame(fleet=ToldFleet(devices=1, duty="c")))
    assert set(own.duties) == {"c"}


def test_too_many_devices_are_left_out_and_those_long_silent_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_DEVICES", 3)
    own = Hub(Limits())
    assert own.take(frame()) == 3
    assert own.fleets()[0].names == ["room-0", "room-1", "room-2"]
    late = frame(1)
    assert own.take(late.take(late.device >= 3)) == 0
    monkeypatch.setattr(hub, "FORGET_S", 0.0)
    assert own.take(late.take(late.device >= 3)) == 2
    assert own.fleets()[0].names == ["room-3", "room-4"]


def test_ten_thousand_devices_take_little_memory() -> None:
    own, many = Hub(Limits()), ToldFleet(devices=10_000)
    own.take(frame(fleet=many))
    (fleet,) = own.fleets()
    assert len(fleet) == 10_000
    assert fleet.bytes < 80 << 20
