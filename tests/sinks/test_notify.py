from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tocsin.core.errors import SettingError
from tocsin.sinks import sink_of
from tocsin.sinks.notify import Notify, message
from tocsin.testing.sink_checks import story
from tocsin.testing.web_server import WebServer


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as found:
        yield found


@pytest.fixture
def other() -> Iterator[WebServer]:
    with WebServer() as found:
        yield found


def at(server: WebServer) -> str:
    return server.url.replace("http://", "json://")


def titles(server: WebServer) -> list[str]:
    return [json.loads(posted.body)["title"] for posted in server.posted]


def test_people_are_told_when_it_opens_and_when_it_is_over(server: WebServer) -> None:
    assert not sink_of("notify", at(server)).send(story("1f"))
    assert titles(server) == ["tocsin: pump-1, major anomaly", "tocsin: pump-1, major anomaly is over"]
    first, last = (json.loads(posted.body) for posted in server.posted)
    assert first["message"] == (
        "pump-1: major anomaly opened, 1.5 times the limit, mainly temp (75 %)\n"
        "Since 2023-11-14T22:13:20Z. Incident 1f."
    )
    assert "Until 2023-11-14T22:13:29Z." in last["message"]
    assert (first["type"], last["type"]) == ("warning", "success")


def test_many_at_a_time_are_one_message(server: WebServer) -> None:
    news = [story(f"{number}", device=f"pump-{number}")[0] for number in range(25)]
    assert not Notify(at(server)).send(news)
    assert titles(server) == ["tocsin: 25 incidents, 25 of them open"]
    lines = json.loads(server.posted[0].body)["message"].splitlines()
    assert lines[0].startswith("pump-0: major anomaly opened")
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more: tocsin incidents"


def test_three_are_three_messages(server: WebServer) -> None:
    assert not Notify(at(server)).send([story(f"{number}")[0] for number in range(3)])
    assert len(server.posted) == 3


def test_a_service_that_has_it_is_not_told_again_while_another_fails(server: WebServer, other: WebServer) -> None:
    sink = Notify.parse(f"{at(server)} {at(other)}")
    other.answer = lambda _: 503
    opened = story("a")[0]
    (failure,) = sink.send([opened])
    assert failure.notice == opened
    assert not failure.final
    assert "503" in failure.reason
    other.answer = lambda _: 200
    assert not sink.send([opened])
    assert len(server.posted) == 1
    assert [posted.body for posted in other.posted].count(server.posted[0].body) >= 1
    assert sink._taken == {}


def test_after_a_failure_the_rest_is_not_tried(server: WebServer) -> None:
    server.answer = lambda _: 500
    failures = Notify(at(server)).send([story("a")[0], story("b")[0]])
    assert len(failures) == 2
    assert len({json.loads(posted.body)["message"] for posted in server.posted}) == 1


def test_a_silence_is_told_as_one() -> None:
    silent = replace(story("s")[0], what="stale")
    assert message([silent])[0] == "tocsin: pump-1, silent"
    assert message([replace(silent, kind="close", open=False)])[0] == "tocsin: pump-1, silent no longer"


@pytest.mark.parametrize("text", ["nosuchservice://x", "slack://hush", "mailto://hush:hush"])
def test_an_address_that_apprise_does_not_know_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SettingError) as refused:
        Notify.parse(text)
    assert "hush" not in str(refused.value)
    assert "apprise/wiki" in refused.value.remedy


def test_a_channel_with_a_hash_is_no_setting() -> None:
    text = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#alarms"
    assert "#alarms" in Notify.parse(text)._services[0].urls()[0].replace("%23", "#")
    assert sink_of("notify", f"{text}#kinds=open").wanted.kinds == ("open",)  # type: ignore[attr-defined]  # a choice
