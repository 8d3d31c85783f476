"""Against a real Mosquitto: what is heard, acknowledged, kept while away, and told when something is wrong."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from tocsin.core.errors import InputError, MissingExtraError, SettingError
from tocsin.core.live import Batch, Expected, Position, Source
from tocsin.sources._mqtt_inbox import MOST
from tocsin.sources.mqtt import Mqtt
from tocsin.sources.mqtts import Mqtts
from tocsin.testing.check import Check
from tocsin.testing.servers import Mosquitto
from tocsin.testing.source_checks import DEVICES, EXPECTED, START_NS, SourceTrial, source_checks

PATIENCE_S = 60.0
_WELCOME, _MESSAGE = b"\x20\x02\x00\x00", b'\x30\x0a\x00\x01a{"n":1}'
EXPECT = Expected(channels=("n",))


class Nobody:
    """Lanes of which nobody has read anything."""

    def assigned(self, lane: str) -> Position | None:
        self.lane = lane
        return None

    def revoked(self, lane: str) -> None: ...

    def lost(self, lane: str) -> None: ...


class Listener:
    """Polls a source, and notes the numbers that it brings, by device."""

    def __init__(self, source: Source) -> None:
        self.source, self.heard, self.batches = source, list[tuple[str, int]](), list[Batch]()
        self.shift_ns, self.dead = 0, list[str]()

    def until(self, done: Callable[[], bool], *, commit: bool = True) -> None:
        ending = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < ending, f"not within {PATIENCE_S} s; heard {len(self.heard)}: {self.heard[-5:]}"
            self.step(commit=commit)

    def step(self, *, commit: bool = True) -> Batch:
        batch = self.source.poll(1_000, 0.05)
        assert batch is not None
        some = batch.arrivals
        pairs = zip(some.device, some.values[:, 0] if len(some) else (), strict=True)
        self.heard += [(some.devices[device], int(value)) for device, value in pairs]
        self.dead += [letter.reason for letter in batch.dead]
        self.shift_ns += some.shift_ns
        self.batches.append(batch)
        if commit:
            self.source.commit(batch.lane, batch.position)
        return batch

    def numbers(self) -> list[int]:
        return [number for _, number in self.heard]


@contextmanager
def listening(
    broker: Mosquitto, topic: str, settings: str = "", *, login: str = "", memory: bytes = b""
) -> Iterator[Listener]:
    kind = Mqtts if broker.url.startswith("mqtts") else Mqtt
    source = kind.parse(f"//{login}127.0.0.1:{broker.port}/{topic}?{settings}", EXPECT)
    source.recall(memory)
    source.open(Nobody())
    try:
        yield Listener(source)
    finally:
        source.close()


def together(workers: Sequence[Listener], heard: int) -> None:
    """Poll one after the other until they have heard so much together."""
    ending = time.monotonic() + PATIENCE_S
    while sum(len(worker.heard) for worker in workers) < heard:
        assert time.monotonic() < ending, [len(worker.heard) for worker in workers]
        for worker in workers:
            worker.step()


def wait_for(done: Callable[[], bool]) -> None:
    ending = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < ending, f"not within {PATIENCE_S} s"
        time.sleep(0.01)


class Sender:
    """Publishes numbers, by another library."""

    def __init__(self, broker: Mosquitto, *, user: str = "", password: str = "") -> None:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        self._client = Client(CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, password)
        if broker.url.startswith("mqtts"):
            self._client.tls_set(ca_certs=str(broker.certificate))
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()

    def __enter__(self) -> Sender:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def send(self, topic: str, *numbers: int, qos: int = 1, retain: bool = False) -> None:
        for number in numbers:
            self.raw(topic, json.dumps({"time": 1_700_000_000 + number, "n": number}).encode(), qos=qos, retain=retain)

    def raw(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        self._client.publish(topic, payload, qos=qos, retain=retain).wait_for_publish(PATIENCE_S)


@pytest.fixture
def topic() -> str:
    return f"plant-{uuid.uuid4().hex[:8]}"


@pytest.mark.parametrize("check", source_checks(), ids=lambda check: check.name)
def test_it_keeps_what_sources_promise(mosquitto: Mosquitto, topic: str, check: Check[SourceTrial]) -> None:
    rest = f"//127.0.0.1:{mosquitto.port}/{topic}?client={topic}"
    with Sender(mosquitto) as sender:

        def write(first: int, last: int) -> None:
            for number in range(first, last):
                told = {"device": f"d{number % DEVICES}", "time": START_NS // 10**9 + number, "v": number}
                sender.raw(topic, json.dumps(told).encode())

        def make() -> Source:
            return Mqtt.parse(rest, EXPECTED)

        session = make()
        session.open(Nobody())
        session.close()
        check(SourceTrial(make, write, lambda: sender.raw(topic, b"?"), ends=False, wrong=f"{rest}&loud=yes"))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
@pytest.mark.parametrize("qos", [0, 1])
def test_readings_are_heard(mosquitto: Mosquitto, topic: str, version: str, qos: int) -> None:
    with (
        listening(mosquitto, f"{topic}/+/env", f"qos={qos}&version={version}") as listener,
        Sender(mosquitto) as sender,
    ):
        sender.send(f"{topic}/pump-1/env", *range(50), qos=qos)
        sender.raw(f"{topic}/pump-2/env", b"broken", qos=qos)
        sender.send(f"{topic}/pump-2/env", 50, qos=qos)
        listener.until(lambda: len(listener.heard) == 51)
        assert listener.heard == [*(("pump-1", number) for number in range(50)), ("pump-2", 50)]
        assert listener.dead == ["It is no JSON: expected value at line 1 column 1."]
        batch = next(batch for batch in listener.batches if len(batch.arrivals))
        assert batch.lane == "0/1"
        assert abs(int(batch.arrivals.arrived[0]) - time.time_ns()) < PATIENCE_S * 1e9
        assert listener.source.connected()


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_what_comes_while_we_are_away_is_kept(mosquitto: Mosquitto, topic: str, version: str) -> None:
    settings = f"client={topic}&version={version}"
    with listening(mosquitto, f"{topic}/+", settings):
        pass
    with Sender(mosquitto) as sender:
        sender.send(f"{topic}/a", *range(30))
    with listening(mosquitto, f"{topic}/+", settings) as listener:
        listener.until(lambda: len(listener.heard) == 30)
        assert listener.numbers() == list(range(30))


@pytest.mark.parametrize("version", ["5", "3.1.1"])
def test_what_was_not_committed_comes_again_and_what_was_does_not(
    mosquitto: Mosquitto, topic: str, version: str
) -> None:
    settings = f"client={topic}&version={version}"
    with listening(mosquitto, f"{topic}/+", settings) as first, Sender(mosquitto) as sender:
        sender.send(f"{topic}/a", *range(5))
        first.until(lambda: len(first.heard) == 5)
        sender.send(f"{topic}/a", *range(5, 10))
        first.until(lambda: len(first.heard) == 10, commit=False)
        assert first.numbers() == list(range(10))
    with listening(mosquitto, f"{topic}/+", settings) as second:
        second.until(lambda: len(second.heard) == 5)
        assert second.numbers() == list(range(5, 10))


def test_a_killed_process_leaves_what_it_did_not_commit(mosquitto: Mosquitto, topic: str) -> None:
    """SIGKILL to a process of its own that has read all and committed half."""
    code = f"""
import sys, time
from tocsin.core.live import Expected
from tocsin.sources.mqtt import Mqtt
source = Mqtt.parse("//127.0.0.1:{mosquitto.port}/{topic}/+?client={topic}", Expected(channels=("n",)))
source.open(type("Nobody", (), {{"assigned": lambda self, lane: None}})())
print("listening", flush=True)
heard = 0
while heard < 20:
    batch = source.poll(1, 1.0)
    heard += len(batch.arrivals)
    if heard <= 10:
        source.commit(batch.lane, batch.position)
time.sleep(1.0)
print("heard", flush=True)
time.sleep(600)
"""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        with Sender(mosquitto) as sender:
            sender.send(f"{topic}/a", *range(20))
        assert process.stdout.readline() == "heard\n"
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
        process.stdout and process.stdout.close()
    with listening(mosquitto, f"{topic}/+", f"client={topic}") as listener:
        listener.until(lambda: len(listener.heard) == 10)
        assert listener.numbers() == list(range(10, 20))


def test_the_broker_holds_back_what_is_not_acknowledged(mosquitto: Mosquitto, topic: str) -> None:
    with listening(mosquitto, f"{topic}/+", "inflight=10") as listener, Sender(mosquitto) as sender:
        sender.send(f"{topic}/a", *range(100))
        listener.until(lambda: len(listener.heard) == 10, commit=False)
        for _ in range(10):
            listener.step(commit=False)
        assert len(listener.heard) == 10
        listener.until(lambda: len(listener.heard) == 100)
        assert listener.numbers() == list(range(100))


def test_memory_is_bounded_while_nobody_reads(mosquitto: Mosquitto, topic: str) -> None:
    """At QoS 0 the socket is not read any more, and TCP holds the broker back."""
    payload = json.dumps([{"n": 1}] * 100).encode()
    with listening(mosquitto, f"{topic}/+", "qos=0") as listener, Sender(mosquitto) as sender:
        for _ in range(2 * MOST):
            sender._client.publish(f"{topic}/a", payload)
        inbox = listener.source._inbox  # type: ignore[attr-defined]
        wait_for(lambda: not inbox.has_room)
        most = 0
        for _ in range(20):
            most = max(most, inbox._count)
            time.sleep(0.01)
        assert most < 2 * MOST
        assert listener.source.poll(10, 0.1).waiting > MOST / 2  # type: ignore[union-attr, operator]


def test_workers_share_the_fleet(mosquitto: Mosquitto, topic: str) -> None:
    devices = [f"device-{number}" for number in range(30)]
    with (
        listening(mosquitto, f"{topic}/+", "workers=3&worker=0") as zero,
        listening(mosquitto, f"{topic}/+", "workers=3&worker=1") as one,
        listening(mosquitto, f"{topic}/+", "workers=3&worker=2") as two,
        Sender(mosquitto) as sender,
    ):
        workers = (zero, one, two)
        for number, device in enumerate(devices):
            sender.send(f"{topic}/{device}", number, number + 100)
        together(workers, 60)
        heard = [{device for device, _ in worker.heard} for worker in workers]
        assert sum(map(len, heard)) == len(set().union(*heard)) == 30
        assert all(len(mine) > 3 for mine in heard)
        assert [worker.batches[-1].lane for worker in workers] == ["0/3", "1/3", "2/3"]


def test_workers_share_the_fleet_where_only_messages_name_devices(mosquitto: Mosquitto, topic: str) -> None:
    with (
        listening(mosquitto, topic, "workers=2&worker=0&inflight=5") as zero,
        listening(mosquitto, topic, "workers=2&worker=1&inflight=5") as one,
        Sender(mosquitto) as sender,
    ):
        for number in range(40):
            sender.raw(topic, json.dumps({"device": f"device-{number}", "n": number}).encode())
        together((zero, one), 40)
        assert sorted(zero.numbers() + one.numbers()) == list(range(40))
        assert zero.heard
        assert one.heard


def test_messages_that_lead_to_nothing_do_not_stop_the_stream(mosquitto: Mosquitto, topic: str) -> None:
    """A journal commits only what brought something; the broker's window must not fill up with the rest."""
    with listening(mosquitto, f"{topic}/+", "inflight=5") as listener, Sender(mosquitto) as sender:
        for _ in range(20):
            sender.raw(f"{topic}/a", b"[]")
        sender.send(f"{topic}/a", 7)
        listener.until(lambda: listener.numbers() == [7], commit=False)


def test_the_brokers_restart_loses_nothing_and_shifts_no_silence(topic: str, caplog: pytest.LogCaptureFixture) -> None:
    try:
        broker = Mosquitto()
    except Exception as missing:
        pytest.skip(str(missing))
    with broker, listening(broker, f"{topic}/+") as listener:
        with Sender(broker) as sender:
            sender.send(f"{topic}/a", *range(10))
        listener.until(lambda: len(listener.heard) == 10, commit=False)
        broker.stop()
        listener.until(lambda: not listener.source.connected(), commit=False)
        away = time.monotonic()
        while time.monotonic() - away < 3.5:
            listener.step(commit=False)
        broker.start()
        with Sender(broker) as sender:
            sender.send(f"{topic}/a", *range(10, 20))
        listener.until(lambda: len(listener.heard) >= 20)
        assert listener.numbers() == list(range(20))  # what was delivered again is not read again
        assert listener.shift_ns > 3.4e9
        listener.until(listener.source.connected)
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_a_session_that_the_broker_lost_is_told_loudly(topic: str, caplog: pytest.LogCaptureFixture) -> None:
    try:
        broker = Mosquitto()
    except Exception as missing:
        pytest.skip(str(missing))
    with broker, listening(broker, f"{topic}/+") as listener:
        broker.kill()
        (broker.folder / "mosquitto.db").unlink(missing_ok=True)
        broker.start()
        with Sender(broker) as sender:
            listener.until(lambda: listener.source.connected() and bool(caplog.records))
            sender.send(f"{topic}/a", 1)
            listener.until(lambda: listener.numbers() == [1])
        assert any("did not keep our session" in record.message for record in caplog.records)


def test_a_broker_that_hangs_is_no_connection(topic: str) -> None:
    try:
        broker = Mosquitto()
    except Exception as missing:
        pytest.skip(str(missing))
    with broker, listening(broker, f"{topic}/+") as listener:
        listener.until(listener.source.connected)
        broker.freeze()
        listener.until(lambda: not listener.source.connected())
        broker.thaw()
        listener.until(lambda: listener.shift_ns > 0)
        listener.until(listener.source.connected)
        assert 3e9 < listener.shift_ns < PATIENCE_S * 1e9


def test_two_watches_under_one_name_are_told_of_each_other(
    mosquitto: Mosquitto, topic: str, caplog: pytest.LogCaptureFixture
) -> None:
    where, name = f"{topic}/+", f"client={topic}"
    with listening(mosquitto, where, name), listening(mosquitto, where, name):
        wait_for(lambda: f"perhaps another client has the name {topic} too" in caplog.text)


class Chatterbox:
    """A broker of MQTT 3.1.1 that greets, grants, and then sends messages of QoS 0 without a pause.

    Parameters
    ----------
    grant
        Its answer to a subscription.
    first
        Messages that come before that answer, as they do where a session was kept.
    greeting
        Its answer to a login.
    """

    def __init__(self, grant: bytes = b"\x90\x03\x00\x01\x00", *, first: int = 0, greeting: bytes = _WELCOME) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self.port, self.said = int(self._server.getsockname()[1]), b""
        self._grant, self._first, self._greeting = grant, first, greeting
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> Chatterbox:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._server.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            with suppress(TimeoutError, ConnectionError):  # nobody is there yet, or has just left
                line, _ = self._server.accept()
                with line:
                    self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        line.recv(4_096)
        line.sendall(self._greeting)
        line.recv(4_096)
        line.sendall(_MESSAGE * self._first + self._grant)
        line.settimeout(0.02)
        while not self._ended.is_set():
            line.sendall(_MESSAGE)
            with suppress(TimeoutError):
                heard = line.recv(4_096)
                self.said += heard
                if not heard:
                    return


def test_a_broker_that_never_stops_talking_hears_of_us_too() -> None:
    """At QoS 0 nothing else is sent; a broker drops whom it has not heard for one and a half keep-alives."""
    with Chatterbox() as broker:
        source = Mqtt.parse(f"//127.0.0.1:{broker.port}/a?qos=0&keepalive=2s&version=3.1.1", EXPECT)
        source.open(Nobody())
        listener = Listener(source)
        listener.until(lambda: broker.said == b"\xc0\x00")
        assert len(listener.heard) > 10
        assert source.connected()
        source.close()


def test_what_was_kept_for_us_is_heard_before_the_subscription_is_answered() -> None:
    """A broker sends all of it first, and reading that may take longer than any answer."""
    with Chatterbox(b"", first=100) as broker:
        source = Mqtt.parse(f"//127.0.0.1:{broker.port}/a?qos=0&version=3.1.1", EXPECT)
        source.open(Nobody())
        listener = Listener(source)
        listener.until(lambda: len(listener.heard) >= 100)
        source.close()


@pytest.mark.parametrize(
    ("greeting", "grant", "told"),
    [
        (_WELCOME, b"\x90\x03\x00\x01\x80", "does not let us subscribe to a\\."),
        (b"\x20\x02\x00\x01", b"", "does that port speak MQTT"),
        (b"\x20\x02\x00\x03", b"", "server unavailable"),
        (b"\x20\x02\x00\x04", b"", "bad user name or password"),
        (b"HTTP/1.1 400 Bad Request\r\n" * 9, b"", "does that port speak MQTT"),
        (_WELCOME, b"\x31\x01\x00", "what it says is no MQTT"),
    ],
)
def test_brokers_that_cannot_be_spoken_to_are_told_at_the_start(greeting: bytes, grant: bytes, told: str) -> None:
    with Chatterbox(grant, greeting=greeting) as broker, pytest.raises(InputError, match=told):
        Mqtt.parse(f"//127.0.0.1:{broker.port}/a?version=3.1.1&wait=300ms", EXPECT).open(Nobody())


def test_downtime_is_told_first(mosquitto: Mosquitto, topic: str) -> None:
    with listening(mosquitto, f"{topic}/+") as before, Sender(mosquitto) as sender:
        sender.send(f"{topic}/a", 1)
        before.until(lambda: before.numbers() == [1])
        memory = before.source.memory()
        assert before.source.memory() is memory
    with listening(mosquitto, f"{topic}/+", memory=memory) as after:
        wait_for(lambda: after.source._link._up)  # type: ignore[attr-defined]
        assert not after.source.connected()  # or a tick might take our absence for silence
        first = after.step()
        assert len(first.arrivals) == 0
        assert 0 < first.arrivals.shift_ns < 10e9 + PATIENCE_S * 1e9
        listener_stamp = json.loads(memory.partition(b"\n")[0])["stamp"]
        assert abs(listener_stamp + first.arrivals.shift_ns - time.time_ns()) < PATIENCE_S * 1e9


def test_tls_and_logins(topic: str) -> None:
    try:
        broker = Mosquitto(users={"anna": "p@ss/word"}, tls=True)
    except Exception as missing:
        pytest.skip(str(missing))
    with broker:
        trusted = f"ca={broker.certificate}"
        login = "anna:p%40ss%2Fword@"
        with listening(broker, f"{topic}/+", trusted, login=login) as listener:
            with Sender(broker, user="anna", password="p@ss/word") as sender:
                sender.send(f"{topic}/a", *range(200))
                sender.raw(f"{topic}/a", json.dumps([{"n": 1}] * 20_000).encode())
            listener.until(lambda: len(listener.heard) == 20_200)
        with listening(broker, f"{topic}/+", "insecure", login=login):
            pass
        for settings, name, told in (
            ("", login, "not to be trusted"),
            (trusted, "anna:wrong@", "bad user name or password|not authorized"),
            (trusted, "", "not authorized"),
        ):
            with pytest.raises(InputError, match=told), listening(broker, f"{topic}/+", settings, login=name):
                pass
        with pytest.raises(InputError, match="There is no connection"):
            Mqtt.parse(f"//127.0.0.1:{broker.port}/{topic}?wait=1s", EXPECT).open(Nobody())


def test_who_speaks_no_tls_is_told(mosquitto: Mosquitto) -> None:
    with pytest.raises(InputError, match="There is no connection"):
        Mqtts.parse(f"//127.0.0.1:{mosquitto.port}/a?wait=1s", EXPECT).open(Nobody())


def test_hosts_that_are_not_there_are_told_in_time() -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="There is no host no-such-host"):
        Mqtt.parse("//no-such-host.invalid/a?wait=300ms", EXPECT).open(Nobody())
    with pytest.raises(InputError, match="There is no host"):
        Mqtt.parse(f"//{'x' * 70}/a", EXPECT).open(Nobody())
    with pytest.raises(InputError, match="connection refused"):
        Mqtt.parse("//127.0.0.1:9/a?wait=300ms", EXPECT).open(Nobody())
    assert time.monotonic() - began < PATIENCE_S


def test_what_the_broker_kept_for_newcomers_is_passed_over(mosquitto: Mosquitto, topic: str) -> None:
    with Sender(mosquitto) as sender:
        sender.send(f"{topic}/a", 1, retain=True)
        with listening(mosquitto, f"{topic}/+", "version=3.1.1") as listener:
            sender.send(f"{topic}/a", 2)
            listener.until(lambda: bool(listener.heard))
            assert listener.numbers() == [2]
        with listening(mosquitto, f"{topic}/+", "retained&client=other") as listener:
            listener.until(lambda: listener.numbers() == [1])
        sender.raw(f"{topic}/a", b"", retain=True)


def test_a_node_is_asked_for_its_birth(mosquitto: Mosquitto) -> None:
    from tocsin.sources.payloads._sparkplug_proto import payload_class

    group = uuid.uuid4().hex[:8]
    payload = payload_class()(timestamp=5)
    payload.metrics.add(alias=3, int_value=1)
    with (
        listening(mosquitto, f"spBv1.0/{group}/#", "payload=sparkplug") as listener,
        listening(mosquitto, f"spBv1.0/{group}/NCMD/+", "qos=0") as commands,
        Sender(mosquitto) as sender,
    ):
        sender.raw(f"spBv1.0/{group}/DDATA/edge/pump", payload.SerializeToString())
        listener.until(lambda: bool(listener.dead))
        commands.until(lambda: bool(commands.dead))
        assert "never announced" in listener.dead[0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("//localhost", "topic is missing"),
        ("//localhost/a/#/b", "cannot be subscribed"),
        ("//localhost/$share/x/a", "workers=3"),
        ("//localhost/a?qos=2", "one of: 0, 1"),
        ("//localhost/a?payload=xml", "no 'xml' among"),
        ("//localhost/a?workers=2&worker=2", "no worker 2 of 2"),
        ("//localhost/a?inflight=0", "1 to 65535"),
        ("//localhost/a?keepalive=1s", "2s to 18h"),
        ("//localhost/a?version=4", "one of: 5, 3.1.1"),
        ("localhost/a", "mqtt://localhost/plant"),
    ],
)
def test_what_cannot_work_is_told_before_anything_is_opened(text: str, told: str) -> None:
    with pytest.raises(SettingError, match=told.replace("+", "\\+")):
        Mqtt.parse(text, EXPECT)


def test_a_missing_library_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "paho.mqtt.client", None)
    with pytest.raises(MissingExtraError, match="paho-mqtt") as missing:
        Mqtt.parse("//localhost/a", EXPECT).open(Nobody())
    assert 'pip install "tocsin[stream]"' in missing.value.remedy


def test_certificates_must_be_there() -> None:
    with pytest.raises(SettingError, match="no file /nowhere"):
        Mqtts.parse("//localhost/a?ca=/nowhere.pem", EXPECT).open(Nobody())


def test_promises_and_names_that_last() -> None:
    def client(text: str) -> str:
        source: Any = Mqtt.parse(text, EXPECT)
        return str(source._settings.wanted(source._address, "a", secure=False).client)

    assert "Nothing is lost" in Mqtt.parse("//localhost/a", EXPECT).promise
    assert "Best effort" in Mqtt.parse("//localhost/a?qos=0", EXPECT).promise
    assert client("//localhost/a") == client("//localhost/a?qos=0") != client("//localhost/b")
    assert client("//localhost/a?workers=2&worker=1") != client("//localhost/a?workers=2&worker=0")
    assert len(client("//localhost/a")) <= 23
    assert client("//localhost/a?client=me") == "me"
