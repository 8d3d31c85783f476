from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tocsin.engine.live.duty import Duty
from tocsin.engine.live.feed import Feed
from tocsin.engine.live.herald import Herald
from tocsin.service.live._audience import Viewer
from tocsin.service.serving import Running, running
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope, Tokens
from tocsin.store import Store
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_listener import LiveListener
from tocsin.testing.told_fleet import ToldFleet, push
from tocsin.testing.toy_sources import Shelf, ShelfSource
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe


@pytest.fixture
def service(tmp_path: Path, store_url: str) -> Iterator[Running]:
    with running(ServiceSettings(folder=tmp_path / "service", store=store_url, port=0)) as found:
        yield found


def until(so: Callable[[], bool], *, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if so():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def asked(service: Running, path: str) -> Any:
    connection = http.client.HTTPConnection(service.url.removeprefix("http://"), timeout=10)
    connection.request("GET", path)
    told = json.loads(connection.getresponse().read())
    connection.close()
    return told


def test_what_a_watch_judges_is_seen_by_those_who_look_on(service: Running, store: Store) -> None:
    fleet = LiveFleet(devices=4, readings=220)
    artifact = fit(
        fleet.calm(readings=200).table(),
        Recipe(detector="pca", window=5),
    ).artifact
    herald = Herald(service.url, watch="test", token="")
    herald.start()
    with LiveListener(service.url, "?most=2000") as listener:
        feed = Feed("plant", ShelfSource(Shelf({"": fleet.arrivals()})), [Duty(artifact)], store, onlooker=herald.show)
        feed.run(threading.Event())
        until(lambda: listener.verdicts == len(fleet))
        herald.stop()
        news = {one.told["id"] for one in listener.named("incident")}
    assert {one.notice.id for one in store.incidents()} == news
    assert news
    devices = asked(service, "/v1/devices")
    assert (devices["total"], devices["live"]) == (4, 4)
    worst = devices["devices"][0]
    told = asked(service, f"/v1/devices/{worst['device']}?minutes=10")
    assert (told["channels"], len(told["time"])) == (["c0", "c1"], 220)
    assert told["time"][-1] == worst["time"]
    assert asked(service, "/v1/devices/nobody")["status"] == 404


def test_one_who_comes_back_is_told_what_went_by(service: Running) -> None:
    fleet = ToldFleet(devices=3)
    push(service.url, fleet, lasting_s=0.01)
    with LiveListener(service.url, "?device=room-1") as first:
        until(lambda: len(first.heard) == 1)
        number = first.heard[0].number
    pushed = push(service.url, fleet, lasting_s=0.3)
    with LiveListener(service.url, headers={"Last-Event-ID": number}) as again:
        until(lambda: len(again.heard) == 2)
        assert (again.heard[0].name, again.heard[0].told) == ("skipped", {"events": pushed})
        assert again.heard[1].told["snapshot"]
    until(lambda: service.desk.hub.viewers == 0)


def test_a_service_that_ends_sends_its_viewers_home(tmp_path: Path, store_url: str) -> None:
    with running(ServiceSettings(folder=tmp_path / "service", store=store_url, port=0)) as service:
        listeners = [LiveListener(service.url) for _ in range(3)]
        until(lambda: service.desk.hub.viewers == 3)
        began = time.monotonic()
    assert all(listener.ended.wait(2.0) for listener in listeners)
    assert time.monotonic() - began < 2.5
    for listener in listeners:
        listener.close()


def test_where_nothing_happens_a_comment_comes_and_after_its_time_the_end(
    service: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Viewer.events, "__kwdefaults__", {"heartbeat_s": 0.05, "longest_s": 0.3})
    with LiveListener(service.url) as listener:
        assert listener.ended.wait(3.0)
        assert {one.name for one in listener.heard} == {"comment"}


def test_with_fifteen_viewers_the_lag_does_not_grow(service: Running) -> None:
    fleet = ToldFleet(devices=250)
    listeners = [LiveListener(service.url, "" if k % 3 else f"?device=room-{k}") for k in range(15)]
    until(lambda: service.desk.hub.viewers == 15)
    pushed = push(service.url, fleet, lasting_s=2.0)
    until(lambda: all(len(listener.named("verdicts")) == pushed for listener in listeners))
    for listener in listeners:
        listener.close()
        assert not listener.named("skipped")
        lags = [lag for one in listener.heard if (lag := one.lag_s) is not None]
        assert max(lags[-2:]) < 1.0


def test_the_program_on_the_page_tells_what_is_anomalous(
    service: Running, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Viewer.events, "__kwdefaults__", {"heartbeat_s": 0.05, "longest_s": 0.2})
    push(service.url, ToldFleet(devices=3), lasting_s=0.01)
    page = Path(__file__).resolve().parents[3] / "docs/how-to/follow-live.md"
    code = page.read_text("utf-8").partition("```py\n")[2].partition("```")[0]
    exec(code.replace("http://127.0.0.1:8420", service.url), {})
    assert "room-1: 1." in capsys.readouterr().out


def test_a_stream_ends_with_its_token(service: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Viewer.events, "__kwdefaults__", {"heartbeat_s": 0.1, "longest_s": 60.0})
    monkeypatch.setattr("tocsin.service.routes.live.WELCOME_S", 0.1)
    tokens = Tokens(service.desk.settings.folder / "tokens.json")
    headers = {name: {"Authorization": f"Bearer {tokens.create(name, Scope.read)}"} for name in ("stays", "goes")}
    ended = dict.fromkeys(headers, False)

    def listen(name: str) -> None:
        with httpx2.stream("GET", f"{service.url}/v1/live", headers=headers[name], timeout=20) as stream:
            for _ in stream.iter_bytes():
                pass
        ended[name] = True

    for name in headers:
        threading.Thread(target=listen, args=(name,), daemon=True).start()
    until(lambda: service.desk.hub.viewers == 2)
    time.sleep(0.3)
    assert ended == {"stays": False, "goes": False}
    tokens.revoke("goes")
    until(lambda: ended["goes"])
    time.sleep(0.3)
    assert ended == {"stays": False, "goes": True}
