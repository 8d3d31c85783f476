from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import pytest

from tocsin.core.errors import SettingError
from tocsin.sinks.mqtt import Mqtt
from tocsin.sinks.mqtts import Mqtts
from tocsin.testing.servers import HOST, Mosquitto, free_port
from tocsin.testing.sink_checks import story

Make = Callable[[str], Mqtt]
Told = dict[str, bytes]


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes sinks, and closes them at the end."""
    with ExitStack() as stack:

        def make(text: str) -> Mqtt:
            sink = Mqtt.parse(text)
            stack.callback(sink.close)
            return sink

        yield make


@pytest.fixture
def place(mosquitto: Mosquitto) -> str:
    return f"//{HOST}:{mosquitto.port}/t{time.time_ns()}"


@contextmanager
def subscribed(broker: Mosquitto, topic: str) -> Iterator[list[tuple[str, bytes, bool]]]:
    """Yield what comes under a topic, and whether it was retained; begun once what is retained has come."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    told: list[tuple[str, bytes, bool]] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _client, _user, m: told.append((m.topic, bytes(m.payload), m.retain))
    client.connect(HOST, broker.port)
    client.loop_start()
    try:
        client.subscribe([(topic, 1), (mark := f"mark/{time.time_ns()}", 1)])
        client.publish(mark, b"", 1)
        until(lambda: (mark, b"", False) in told, "the broker says nothing")
        told.remove((mark, b"", False))
        yield told
    finally:
        client.disconnect()
        client.loop_stop()


def retained(broker: Mosquitto, topic: str) -> Told:
    with subscribed(broker, topic) as told:
        return {own: payload for own, payload, kept in told if kept}


def until(met: Callable[[], Any], why: str) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end, why
        time.sleep(0.01)


def topic_of(place: str) -> str:
    return place.rpartition("/")[2]


def test_whoever_comes_later_is_told_how_each_device_stands(made: Make, mosquitto: Mosquitto, place: str) -> None:
    sink, topic = made(place), topic_of(place)
    opened, later, closed = story("a", device="hall/pump 1")
    silent = replace(story("s", device="hall/pump 1")[0], what="stale")
    assert not sink.send([opened, later, silent])
    found = retained(mosquitto, f"{topic}/#")
    assert {own: json.loads(payload) for own, payload in found.items()} == {
        f"{topic}/hall/pump 1/anomaly": later.document(),
        f"{topic}/hall/pump 1/stale": silent.document(),
    }
    assert not sink.send([closed])
    assert json.loads(retained(mosquitto, f"{topic}/#")[f"{topic}/hall/pump 1/anomaly"])["open"] is False


def test_all_news_comes_in_order_to_those_that_listen(made: Make, mosquitto: Mosquitto, place: str) -> None:
    with subscribed(mosquitto, f"{topic_of(place)}/#") as told:
        assert not made(f"{place}?format=cloudevents").send(story("a"))
        until(lambda: len(told) == 3, "not all has come")
    assert [json.loads(payload)["id"] for _, payload, _ in told] == ["a-0", "a-1", "a-2"]


def test_a_topic_for_each_incident_is_cleared_when_it_is_over(made: Make, mosquitto: Mosquitto, place: str) -> None:
    sink, topic = made(place + "/{duty}/{id}"), topic_of(place)
    opened, _, closed = story("a")
    assert not sink.send([opened])
    assert list(retained(mosquitto, f"{topic}/#")) == [f"{topic}/-/a"]
    with subscribed(mosquitto, f"{topic}/#") as told:
        assert not sink.send([closed])
        until(lambda: len(told) >= 3, "the close has not come")
    assert [json.loads(payload)["kind"] if payload else "" for _, payload, _ in told] == ["open", "close", ""]
    assert retained(mosquitto, f"{topic}/#") == {}


def test_nothing_is_retained_where_that_is_not_wanted(made: Make, mosquitto: Mosquitto, place: str) -> None:
    assert not made(f"{place}?retain=off").send(story("a"))
    assert retained(mosquitto, f"{topic_of(place)}/#") == {}


@pytest.mark.parametrize("form", ["json", "cloudevents"])
def test_home_assistant_is_told_of_a_device_once(made: Make, mosquitto: Mosquitto, place: str, form: str) -> None:
    prefix = f"ha{time.time_ns()}"
    sink, topic = made(f"{place}?discovery=homeassistant&prefix={prefix}&format={form}"), topic_of(place)
    with subscribed(mosquitto, f"{prefix}/#") as told:
        assert not sink.send(story("a", device="Halle 3/Pumpe ü"))
        assert not sink.send(story("b", device="Halle 3/Pumpe ü"))
        until(lambda: told, "nothing was announced")
    assert len(told) == 1
    ((where, payload),) = retained(mosquitto, f"{prefix}/#").items()
    config = json.loads(payload)
    assert where == f"{prefix}/binary_sensor/{config['unique_id']}/config"
    assert all(sign.isascii() and (sign.isalnum() or sign in "_-") for sign in config["unique_id"])
    assert config["device_class"] == "problem"
    assert config["state_topic"] == config["json_attributes_topic"] == f"{topic}/Halle 3/Pumpe ü/anomaly"
    assert config["device"]["name"] == "Halle 3/Pumpe ü"
    assert config["device"]["identifiers"]
    inside = "value_json" if form == "json" else "value_json.data"
    assert config["value_template"] == f"{{{{ 'ON' if {inside}.open else 'OFF' }}}}"
    state = json.loads(retained(mosquitto, config["state_topic"])[config["state_topic"]])
    assert (state if form == "json" else state["data"])["open"] is False


def test_devices_that_are_written_alike_are_two_for_home_assistant(
    made: Make, mosquitto: Mosquitto, place: str
) -> None:
    prefix = f"ha{time.time_ns()}"
    sink = made(f"{place}?discovery=homeassistant&prefix={prefix}")
    assert not sink.send([story("a", device="pump/1")[0], story("b", device="pump 1")[0]])
    assert len(retained(mosquitto, f"{prefix}/#")) == 2


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("qos", [0, 1])
def test_versions_and_qos(made: Make, mosquitto: Mosquitto, place: str, version: str, qos: int) -> None:
    news = [story(f"{number:03}", device=f"d{number}")[0] for number in range(100)]
    assert not made(f"{place}?version={version}&qos={qos}").send(news)
    until(lambda: len(retained(mosquitto, f"{topic_of(place)}/#")) == 100, "not all has come")


def test_a_broker_that_hangs_is_a_failure_in_bounded_time_and_nothing_comes_late(made: Make) -> None:
    with Mosquitto() as broker:
        sink = made(f"//{HOST}:{broker.port}/alarms?timeout=500ms")
        opened, later, closed = story("a")
        assert not sink.send([opened])
        broker.freeze()
        (failure,) = sink.send([later])
        assert failure.reason == f"the broker at {HOST}:{broker.port} did not acknowledge within 0.5 s"
        assert len(sink.send([later, closed])) == 2, "connecting hangs, too"
        broker.thaw()
        until(lambda: not sink.send([closed]), "it does not come back")
        assert json.loads(retained(broker, "alarms/#")["alarms/pump-1/anomaly"])["revision"] == 2


def test_a_login_that_is_refused_says_so_and_is_tried_again(made: Make) -> None:
    with Mosquitto(users={"ann": "right"}) as broker:
        (failure,) = made(f"//ann:wrong@{HOST}:{broker.port}/alarms").send(story("a")[:1])
        assert "does not let us in" in failure.reason
        assert "wrong" not in failure.reason
        assert not failure.final
        assert not made(f"//ann:right@{HOST}:{broker.port}/alarms").send(story("a"))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves a refused socket to gc
def test_certificates_are_checked() -> None:
    with Mosquitto(tls=True) as broker:
        trusting = Mqtts.parse(f"//{HOST}:{broker.port}/alarms?ca={broker.certificate}")
        assert not trusting.send(story("a"))
        trusting.close()
        (failure,) = Mqtts.parse(f"//{HOST}:{broker.port}/alarms").send(story("a")[:1])
        assert "certificate verify failed" in failure.reason


def test_nobody_there_is_a_failure(made: Make) -> None:
    port = free_port()
    failures = made(f"//{HOST}:{port}/alarms").send(story("a"))
    assert len(failures) == 3
    assert failures[0].reason.startswith(f"the broker at {HOST}:{port} cannot be reached")


def test_certificates_that_are_not_there_are_refused_at_once() -> None:
    with pytest.raises(SettingError, match="cannot be read"):
        Mqtts.parse("//localhost/alarms?ca=/nowhere.pem")


def test_certificates_without_tls_are_refused() -> None:
    with pytest.raises(SettingError, match="TLS"):
        Mqtt.parse("//localhost/alarms?ca=/some.pem")
