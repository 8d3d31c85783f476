"""Two edges and a centre, each a process of its own, over real brokers: what the centre alone would tell is told."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pytest
from tests.end_to_end.live.conftest import in_parts

from tocsin.core.arrivals import Arrivals, Message
from tocsin.core.forwards import encode
from tocsin.core.joining import join
from tocsin.engine.forward import Forward
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.scorer import Scorer
from tocsin.store import StoreAway
from tocsin.testing.live_fleet import SECOND, LiveFleet
from tocsin.testing.live_outcome import LiveOutcome
from tocsin.testing.live_publish import MqttPublisher
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import HOST, MissingServerError, Mosquitto
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.wiring.cascade_settings import CascadeSettings

LAW = Forward(level=0.9, before=20, after=20)
PORTIONS = 40
SETTINGS = """
[store]
url = "sqlite:///{folder}/tocsin.db"
[source.plant]
url = "{source}"
[watch.rooms]
artifact = "{artifact}"
[cascade]
uplink = "{uplink}/tocsin"
edge = "{name}"
forward = {law.level}
before = {law.before}
after = {law.after}
gather = "100ms"
"""


@pytest.fixture(scope="module")
def large() -> LiveFleet:
    """Twelve rooms, nine of whose faults come at once, and nine little by little."""
    return LiveFleet(readings=600)


@pytest.fixture(scope="module")
def artifacts(large: LiveFleet) -> Mapping[str, Scorer]:
    calm = large.calm(readings=3_000).table()
    return {
        "edge": fit(calm, Recipe(detector="pca", window=4, threshold="percentile:99.99")),
        "centre": fit(calm, Recipe(detector="pca", window=8, threshold="percentile:99.9")),
    }


@pytest.fixture(scope="module")
def folder(artifacts: Mapping[str, Scorer], tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("artifacts")
    for name, scorer in artifacts.items():
        scorer.save(made / f"{name}.tocsin")
    return made


def hall(device: str) -> str:
    """Return which edge a device is at."""
    return f"hall-{int(device.removeprefix('room-')) % 2}"


@pytest.fixture(scope="module")
def alone(large: LiveFleet, artifacts: Mapping[str, Scorer]) -> LiveOutcome:
    """What the centre's artifact tells of all readings, each device called as at the centre."""
    named = tuple(f"{hall(device)}/{device}" for device in large.names)
    return LiveOutcome.judged(
        Duty(artifacts["centre"].artifact, keep_every_ns=0), replace(large.arrivals(), devices=named)
    )


class Cascade:
    """Two edges at one plant's broker, and a centre at another.

    Parameters
    ----------
    plant, uplink
        The brokers.
    artifacts
        The folder with edge.tocsin and centre.tocsin.
    folder
        Where the watches run.
    """

    def __init__(self, plant: Mosquitto, uplink: Mosquitto, artifacts: Path, folder: Path) -> None:
        self.plant, self.uplink, self.folder = plant, uplink, folder
        self.sent, self.raw = 0.0, 0
        self._ending = ExitStack()
        topic = folder.name
        self.edges = {name: self._edge(f"{topic}-{name}", name, artifacts) for name in ("hall-0", "hall-1")}
        source = f"{uplink.url}/tocsin/+/windows?payload=cascade"
        store = ("--store", self.store, "--keep", "all")
        self.centre = LiveWatch(artifacts / "centre.tocsin", "--source", source, *store, folder=folder, name="centre")

    @property
    def store(self) -> str:
        return f"sqlite:///{self.folder}/centre.db"

    @cached_property
    def publishers(self) -> Mapping[str, MqttPublisher]:
        return {
            name: self._ending.enter_context(
                MqttPublisher(HOST, self.plant.port, topic=f"{self.folder.name}-{name}/{{device}}/env")
            )
            for name in self.edges
        }

    def start(self) -> None:
        for watch in (self.centre, *self.edges.values()):
            self._ending.enter_context(watch)
        for watch in (self.centre, *self.edges.values()):
            watch.ready()

    def publish(self, messages: list[Message], *, pause_s: float = 0.02) -> None:
        """Publish in small portions, as readings come, so that none of it gains by being packed with much else."""
        for portion in in_parts(messages, PORTIONS):
            for message in portion:
                self.raw += len(message.payload)
                self.publishers[hall(message.topic)].publish([message])
            time.sleep(pause_s)
        for publisher in self.publishers.values():
            publisher.flush()

    def kill(self, watch: LiveWatch) -> None:
        """Kill a watch without a word, and start it anew."""
        if watch is not self.centre:
            self.sent += watch.meter("tocsin_cascade_sent_bytes_total")
        watch.kill()
        watch.start()

    def until_sent(self) -> None:
        """Wait until nothing is on its way to an edge any more, nor waits there."""
        for watch in self.edges.values():
            watch.until(partial(_is_done, watch), "all is sent")

    def outcome(self) -> LiveOutcome:
        try:
            return LiveOutcome.stored(self.store)
        except StoreAway:
            return LiveOutcome({}, {})

    def finish(self, expected: LiveOutcome) -> LiveOutcome:
        """Wait until all that is expected is told; end all, and return what is stored."""
        self.until_sent()
        self.centre.until(lambda: set(self.outcome().news) >= set(expected.news), "all incidents are told")
        for watch in (*self.edges.values(), self.centre):
            if watch is not self.centre:
                self.sent += watch.meter("tocsin_cascade_sent_bytes_total")
            watch.stop()
        return self.outcome()

    def close(self) -> None:
        self._ending.close()

    def _edge(self, topic: str, name: str, artifacts: Path) -> LiveWatch:
        own = self.folder / name
        own.mkdir()
        text = SETTINGS.format(
            folder=own,
            source=f"{self.plant.url}/{topic}/{{device}}/env",
            artifact=artifacts / "edge.tocsin",
            uplink=self.uplink.url,
            name=name,
            law=LAW,
        )
        (own / "tocsin.toml").write_text(text)
        return LiveWatch("--config", own / "tocsin.toml", folder=own, name="edge")


def _is_done(watch: LiveWatch) -> bool:
    return watch.meter("tocsin_lag_seconds") == 0 and watch.meter("tocsin_cascade_waiting") == 0


@pytest.fixture
def uplink() -> Iterator[Mosquitto]:
    """A broker of the centre's own, that may be mistreated."""
    try:
        server = Mosquitto()
    except MissingServerError as missing:
        pytest.skip(str(missing))
    with server:
        yield server


@pytest.fixture
def cascade(mosquitto: Mosquitto, uplink: Mosquitto, folder: Path, tmp_path: Path) -> Iterator[Cascade]:
    made = Cascade(mosquitto, uplink, folder, tmp_path)
    yield made
    made.close()


def news_of(outcome: LiveOutcome) -> Mapping[Any, Mapping[str, Any]]:
    """Return what is told of each device; which incidents began together hangs on what came first, and that differs."""
    return {key: {**document, "group": None} for key, document in outcome.news.items()}


def assert_as_alone(found: LiveOutcome, alone: LiveOutcome) -> None:
    """The same incidents from start to end, to the bit; and no score that the centre alone would not have given."""
    expected, told = LiveOutcome({}, news_of(alone)), LiveOutcome({}, news_of(found))
    assert told.news == expected.news, expected.differences(told)
    scored = {key: verdict for key, verdict in found.verdicts.items() if verdict[2] == "ok"}
    assert {key: alone.verdicts[key][:3] for key in scored} == {key: verdict[:3] for key, verdict in scored.items()}
    assert {verdict[2] for verdict in found.verdicts.values()} <= {"ok", "warming", "gap"}


def test_what_the_centre_alone_would_tell_is_told_for_a_tenth_of_the_bytes(
    cascade: Cascade, large: LiveFleet, alone: LiveOutcome
) -> None:
    """With the uplink cut for a while, and an edge and the centre killed meanwhile."""
    early, middle, late = in_parts(large.messages(), 3)
    cascade.start()
    cascade.publish(early)
    cascade.uplink.stop()
    cascade.publish(middle)
    cascade.kill(cascade.edges["hall-0"])
    cascade.kill(cascade.centre)
    cascade.uplink.start()
    cascade.publish(late)
    found = cascade.finish(alone)
    assert len(alone.incidents) >= 18
    assert_as_alone(found, alone)
    assert 0 < cascade.sent < 0.1 * cascade.raw


def test_bytes_are_few_at_the_pace_of_a_plant_too(large: LiveFleet, artifacts: Mapping[str, Scorer]) -> None:
    """A reading of each device in a second, and messages that gather for as long as they do unless told otherwise."""
    readings, raw = large.arrivals(), sum(len(message.payload) for message in large.messages())
    gather, sent = CascadeSettings().gather_ns // SECOND, 0
    for edge in range(2):
        own = readings.take(readings.device % 2 == edge)
        lane, waiting, each = (
            Lane([Duty(artifacts["edge"].artifact, forward=LAW)]),
            list[Arrivals](),
            large.devices // 2,
        )
        for second in range(large.readings):
            waiting += lane.take(own.take(slice(second * each, (second + 1) * each))).forwards
            if waiting and (second % gather == gather - 1 or second == large.readings - 1):
                sent += len(encode(join(waiting)))
                waiting.clear()
    assert 0 < sent < 0.06 * raw


@pytest.mark.slow
def test_an_uplink_that_is_cut_for_a_minute_loses_nothing(
    cascade: Cascade, large: LiveFleet, alone: LiveOutcome
) -> None:
    early, middle, late = in_parts(large.messages(), 3)
    cascade.start()
    cascade.publish(early)
    cascade.uplink.stop()
    cascade.publish(middle)
    cut = time.monotonic()
    edge = cascade.edges["hall-0"]
    edge.until(lambda: edge.meter("tocsin_cascade_waiting") > 0, "something waits")
    time.sleep(max(0.0, cut + 60 - time.monotonic()))
    cascade.uplink.start()
    cascade.publish(late)
    assert_as_alone(cascade.finish(alone), alone)


@pytest.mark.slow
def test_kills_at_any_moment_lose_nothing(
    cascade: Cascade, large: LiveFleet, alone: LiveOutcome, dice: random.Random
) -> None:
    cascade.start()
    for part in in_parts(large.messages(), 8):
        cascade.publish(part, pause_s=0.01 + 0.03 * dice.random())
        cascade.kill(dice.choice([cascade.centre, *cascade.edges.values()]))
    assert_as_alone(cascade.finish(alone), alone)
