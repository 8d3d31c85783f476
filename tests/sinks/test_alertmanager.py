from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.notices import Notice, rfc3339
from tocsin.sinks.alertmanager import Alertmanager
from tocsin.testing import servers
from tocsin.testing.sink_checks import story
from tocsin.testing.web_server import WebServer

DAY_NS = 86_400 * 10**9


class Calling(servers.Alertmanager):
    """One that calls a web hook at once, for every incident by itself."""

    def __init__(self, hook: str) -> None:
        super().__init__()
        self._hook = hook

    def command(self) -> Any:
        command = super().command()
        route = "route: {receiver: hook, group_by: [...], group_wait: 0s, group_interval: 1s}\n"
        hook = f"receivers: [{{name: hook, webhook_configs: [{{url: '{self._hook}', send_resolved: true}}]}}]\n"
        Path(self.folder / "settings.yml").write_text(route + hook)
        return command


Make = Callable[[str], Alertmanager]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes sinks, and closes them at the end."""
    with ExitStack() as stack:

        def make(text: str) -> Alertmanager:
            sink = Alertmanager.parse(text)
            stack.callback(sink.close)
            return sink

        yield make


@pytest.fixture
def server() -> Iterator[WebServer]:
    with WebServer() as found:
        yield found


def recent(name: str) -> list[Notice]:
    """News of an incident that began a minute ago."""
    begin = time.time_ns() - 60 * 10**9
    return [
        replace(one, start=begin, opened=begin, peak=begin + 10**9, end=begin + 5 * 10**9, duty="hall", device="pump ü")
        for one in story(name)
    ]


def posted(server: WebServer) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(server.posted[-1].body)
    return found


def active(server: servers.Alertmanager, name: str) -> list[dict[str, Any]]:
    return [alert for alert in server.alerts() if alert["labels"]["incident"] == name]


def until(met: Any, why: str) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end, why
        time.sleep(0.05)


def test_an_open_incident_is_an_alert_that_lasts_for_a_day(made: Make, server: WebServer) -> None:
    opened, *_ = recent("a")
    sink = made(f"{server.url}/am?link=https://wiki/{{device}}%3Fi={{id}}")
    now = time.time_ns()
    assert not sink.send([opened])
    (alert,) = posted(server)
    assert server.posted[-1].path == "/am/api/v2/alerts"
    assert alert["labels"] == {
        "alertname": "TocsinAnomaly", "device": "pump ü", "duty": "hall", "incident": "a", "severity": "major",
    }  # fmt: skip
    assert alert["startsAt"] == rfc3339(opened.start)
    assert rfc3339(now + DAY_NS) <= alert["endsAt"] <= rfc3339(time.time_ns() + DAY_NS)
    assert alert["generatorURL"] == "https://wiki/pump%20%C3%BC?i=a"
    assert alert["annotations"]["summary"] == opened.text()
    assert alert["annotations"]["causes"] == "temp 75 %, flow 25 %"
    assert (alert["annotations"]["score"], alert["annotations"]["limit"]) == ("3", "2")


def test_a_close_ends_it_where_the_incident_ended(made: Make, server: WebServer) -> None:
    *_, closed = recent("a")
    assert not made(server.url).send([closed])
    major, minor = posted(server)
    assert major["labels"]["severity"] == "major"
    assert major["endsAt"] == rfc3339(closed.end)
    assert minor["labels"]["severity"] == "minor"


def test_times_ahead_of_ours_are_told_as_now(made: Make, server: WebServer) -> None:
    ahead = time.time_ns() + DAY_NS
    closed = replace(recent("a")[2], start=ahead, end=ahead + 1)
    assert not made(server.url).send([closed])
    for alert in posted(server):
        assert alert["startsAt"] <= alert["endsAt"] <= rfc3339(time.time_ns())


def test_a_silence_has_its_own_name(made: Make, server: WebServer) -> None:
    silent = replace(recent("s")[0], what="stale", causes=())
    assert not made(server.url).send([silent])
    (alert,) = posted(server)
    assert alert["labels"]["alertname"] == "TocsinStale"
    assert "causes" not in alert["annotations"]
    assert alert["annotations"]["description"].startswith("Nothing has been heard of pump ü since ")


def test_a_silence_that_grew_ends_under_the_name_that_it_began_with(made: Make, server: WebServer) -> None:
    closed = replace(recent("s")[2], what="stale", grade="critical")
    assert not made(server.url).send([closed])
    assert {alert["labels"]["severity"] for alert in posted(server)} == {"minor", "major", "critical"}
    assert all(alert["endsAt"] <= rfc3339(time.time_ns()) for alert in posted(server))


def test_host_alone_means_http_and_the_usual_port() -> None:
    sink = Alertmanager.parse("//alarms.example")
    assert sink._poster.place.geturl() == "http://alarms.example:9093/api/v2/alerts"
    assert Alertmanager.parse("//h:9/api/v2/alerts")._poster.place.geturl() == "http://h:9/api/v2/alerts"


def test_a_refusal_is_final_and_trouble_is_not(made: Make, server: WebServer) -> None:
    server.answer = lambda _: 400
    assert [failure.final for failure in made(server.url).send(story("a"))] == [True] * 3
    server.answer = lambda _: 500
    assert [failure.final for failure in made(server.url).send(story("a"))] == [False] * 3


def test_a_real_one_takes_it_as_it_is_meant(made: Make, alertmanager: servers.Alertmanager) -> None:
    sink = made(f"{alertmanager.url}?link=https://wiki/{{device}}")
    opened, later, closed = recent(f"real-{time.time_ns()}")
    assert not sink.send([opened])
    (alert,) = active(alertmanager, opened.id)
    assert (alert["labels"]["severity"], alert["annotations"]["revision"]) == ("major", "0")
    assert not sink.send([replace(later, grade="critical")])
    (alert,) = active(alertmanager, opened.id)
    assert (alert["labels"]["severity"], alert["annotations"]["revision"]) == ("critical", "1")
    assert alert["startsAt"].replace("Z", "")[:19] == rfc3339(opened.start)[:19]
    assert not sink.send([replace(closed, grade="critical")])
    assert active(alertmanager, opened.id) == []


def test_what_alertmanager_then_tells_people(made: Make, server: WebServer) -> None:
    """A page when it opens, one more when it becomes critical, and the end of each, in the incident's own words."""

    def told() -> list[tuple[str, str]]:
        documents = [json.loads(one.body) for one in list(server.posted)]
        return [(one["status"], alert["labels"]["severity"]) for one in documents for alert in one["alerts"]]

    with Calling(f"{server.url}/page") as real:
        sink = made(real.url)
        opened, later, closed = recent("paged")
        assert not sink.send([opened])
        until(lambda: told() == [("firing", "major")], "nobody was called")
        assert not sink.send([opened])
        assert not sink.send([replace(later, grade="critical")])
        until(lambda: ("firing", "critical") in told() and ("resolved", "major") in told(), "nobody was called again")
        assert not sink.send([replace(closed, grade="critical")])
        until(lambda: ("resolved", "critical") in told(), "nobody was told of the end")
        assert sorted(told()) == sorted(
            [("firing", "major"), ("firing", "critical"), ("resolved", "major"), ("resolved", "critical")]
        )


def test_after_it_has_forgotten_everything_it_can_be_told_again(made: Make, server: WebServer) -> None:
    with Calling(f"{server.url}/page") as real:
        sink = made(real.url)
        opened = recent("kept")[0]
        assert not sink.send([opened])
        until(lambda: len(server.posted) == 1, "nobody was called")
        real.stop()
        assert sink.send([opened]), "it is away"
        real.start()
        assert active(real, "kept") == []
        assert not sink.send([opened])
        assert len(active(real, "kept")) == 1
