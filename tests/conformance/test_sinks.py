from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tocsin.core.discover import names
from tocsin.testing.check import Check
from tocsin.testing.servers import HOST, Alertmanager, KafkaBroker, Mosquitto
from tocsin.testing.sink_checks import SinkTrial, sink_checks
from tocsin.testing.web_server import Posted, WebServer

Request = pytest.FixtureRequest


@contextmanager
def _log(_: Request, folder: Path) -> Iterator[SinkTrial]:
    place, hidden = folder / "logs", folder / "hidden"

    def received() -> list[tuple[str, int]]:
        found = next((path for path in (place / "a.jsonl", hidden / "a.jsonl") if path.exists()), None)
        lines = map(json.loads, found.read_text().splitlines() if found else ())
        return [(line["id"], line["revision"]) for line in lines]

    def away() -> None:
        place.mkdir(exist_ok=True)
        place.rename(hidden)
        place.touch()  # a file where a folder should be

    def back() -> None:
        place.unlink()
        hidden.rename(place)

    yield SinkTrial("log", f"{place}/a.jsonl", received, (str(folder), f"{place}/a?form=json"), away, back)


@contextmanager
def _webhook(_: Request, __: Path) -> Iterator[SinkTrial]:
    with WebServer() as server:

        def received() -> list[tuple[str, int]]:
            told = [json.loads(posted.body) for posted in list(server.posted)]
            return [(one["id"], one["revision"]) for one in told]

        text = f"{server.url.replace('//', '//ann:hushhush@')}/hook?secret=hushhush&timeout=5s"
        settings = (
            "batch=0",
            "batch=x",
            "secret_env=NO_SUCH_VARIABLE",
            "secret=whsec_***",
            "headers=a b:c",
            "ca=/nowhere",
        )
        wrong = ["", "localhost", "ftp://host/x", "https://", "https://a b/c"]
        wrong += [f"{server.url.replace('http', 'https')}?{setting}" for setting in settings]
        yield SinkTrial("webhook", text, received, tuple(wrong), server.away, server.open, "hushhush")


@contextmanager
def _alertmanager(request: Request, _: Path) -> Iterator[SinkTrial]:
    """What is posted goes through a server that remembers it: Alertmanager shows no alert that is over."""
    real: Alertmanager = request.getfixturevalue("alertmanager")
    told: list[tuple[str, int]] = []

    def hand_on(posted: Posted) -> int:
        headers = {"Content-Type": posted.headers["content-type"]}
        with urllib.request.urlopen(urllib.request.Request(real.url + posted.path, posted.body, headers)) as answer:
            alerts = json.loads(posted.body)
            told.extend({a["labels"]["incident"]: int(a["annotations"]["revision"]) for a in alerts}.items())
            return int(answer.status)

    with WebServer() as server:
        server.answer = hand_on
        wrong = ("", "ftp://host", f"{server.url}?lasts=1s", f"{server.url}?timeout=0s", f"{server.url}?colour=x")
        text = f"{server.url.replace('//', '//ann:hushhush@')}?timeout=5s"
        yield SinkTrial("alertmanager", text, lambda: list(told), wrong, server.away, server.open, "hushhush")


@contextmanager
def _mqtt(_: Request, __: Path, *, tls: bool = False) -> Iterator[SinkTrial]:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    told: list[dict[str, Any]] = []
    there = Client(CallbackAPIVersion.VERSION2, client_id="receiver", clean_session=False)
    there.reconnect_delay_set(1, 1)
    there.on_message = lambda _client, _user, message: told.append(json.loads(message.payload))
    there.on_connect = lambda client, *_: client.subscribe("alarms/#", 1)
    with Mosquitto(tls=tls) as broker:
        if tls:
            there.tls_set(str(broker.certificate))
        there.connect(HOST, broker.port)
        there.loop_start()
        try:
            wrong = ("", "//", "//localhost", "//localhost/a/#", "//localhost/a?qos=2", "//localhost/a?timeout=0s")
            ca = f"&ca={broker.certificate}" if tls else ""
            text = f"//ann:hushhush@{HOST}:{broker.port}/alarms?timeout=5s{ca}"
            received = lambda: [(one["id"], one["revision"]) for one in list(told)]  # noqa: E731  # as short as it is
            name = "mqtts" if tls else "mqtt"
            yield SinkTrial(name, text, received, wrong, broker.stop, lambda: _start(broker), "hushhush")
        finally:
            there.disconnect()
            there.loop_stop()


@contextmanager
def _kafka(_: Request, __: Path) -> Iterator[SinkTrial]:
    from confluent_kafka import Consumer, TopicPartition

    with KafkaBroker() as broker:
        topic, told = broker.create(f"alarms-{time.time_ns()}"), list[tuple[str, int]]()
        consumer = Consumer({"bootstrap.servers": broker.address, "group.id": topic, "auto.offset.reset": "earliest"})
        consumer.assign([TopicPartition(topic, 0, 0)])  # quicker than to be given it

        def received() -> Sequence[tuple[str, int]]:
            for message in consumer.consume(100, 0.05):
                if not message.error():
                    found = json.loads(message.value() or b"")
                    told.append((found["id"], found["revision"]))
            return told

        wrong = (
            "",
            "//localhost",
            "//localhost/a b",
            "//ann@localhost/a",
            "//localhost/a?timeout=0s",
            "//h/a?security=x",
        )
        text = f"//{broker.address}/{topic}?timeout=5s"
        yield SinkTrial("kafka", text, received, wrong, broker.freeze, broker.thaw)
        consumer.close()


@contextmanager
def _notify(_: Request, __: Path) -> Iterator[SinkTrial]:
    with WebServer() as server:
        kinds = {"opened": 0, "goes": 1, "is": 2}

        def received() -> list[tuple[str, int]]:
            told = [json.loads(posted.body)["message"] for posted in list(server.posted)]
            return [(text.partition("Incident ")[2].strip(". "), _revision(text, kinds)) for text in told]

        text = f"{server.url.replace('http://', 'json://ann:hushhush@')}?rto=5&cto=5"
        yield SinkTrial("notify", text, received, ("", "nosuchservice://x"), server.away, server.open, "hushhush")


def _revision(text: str, kinds: dict[str, int]) -> int:
    return next(number for word, number in kinds.items() if f" anomaly {word}" in text)


def _start(server: Any) -> None:
    server.start()


TRIALS: dict[str, Callable[[Request, Path], Any]] = {
    "log": _log,
    "webhook": _webhook,
    "alertmanager": _alertmanager,
    "mqtt": _mqtt,
    "mqtts": partial(_mqtt, tls=True),
    "kafka": _kafka,
    "notify": _notify,
}


@pytest.fixture(scope="module", params=names("sinks"))
def trial(request: Request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SinkTrial]:
    with TRIALS[request.param](request, tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.mark.parametrize("check", sink_checks(), ids=lambda check: check.name)
def test_sink_conforms(trial: SinkTrial, check: Check[SinkTrial]) -> None:
    check(trial)
