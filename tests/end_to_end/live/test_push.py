"""Artifacts pushed over a real broker to edges that run: good ones are taken up, bad ones never stop the judging."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from tests.cascade.conftest import Plant, plant

from tocsin.cascade.envelope import Envelope
from tocsin.cascade.fleet import Fleet
from tocsin.cascade.link import Link
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_publish import MqttPublisher
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import HOST, Mosquitto

__all__ = ["plant"]

CONFIG = """
[source.plant]
url = "mqtt://{host}:{port}/{raw}/{{device}}?qos=1"
batch_ms = 20
[watch.rooms]
artifact = "{artifact}"
stale_after = "never"
[store]
url = "sqlite:///{name}.db"
[cascade]
uplink = "mqtt://{host}:{port}/{base}"
edge = "{name}"
artifacts = true
folder = "{name}"
probation = "2s"
probation_readings = 200
sketch_every = "1s"
[trust]
keys = ["{trusted}"]
"""


class Site:
    """Two edges, their devices, and the centre's side of the broker."""

    def __init__(self, broker: Mosquitto, plant: Plant, folder: Path, stack: ExitStack) -> None:
        self.plant, self.folder, self.names = plant, folder, ("hall-1", "hall-2")
        self.base, raw = f"c{uuid4().hex[:8]}", f"r{uuid4().hex[:8]}"
        self.place = UplinkPlace.parse(f"mqtt://{HOST}:{broker.port}/{self.base}", where="here")
        self.edges = [self._edge(name, broker, f"{raw}/{name}") for name in self.names]
        for edge in self.edges:
            stack.enter_context(edge)
        self.fleet = stack.enter_context(Fleet(self.place))
        for edge in self.edges:
            edge.ready()
        self._ended = threading.Event()
        devices = threading.Thread(target=self._send, args=(broker, raw), daemon=True)
        devices.start()
        stack.callback(devices.join)
        stack.callback(self._ended.set)

    def push(self, name: str, version: int, *, edge: str = "hall-1", to: str = "") -> None:
        """Push an artifact as ``tocsin push`` does."""
        sent = replace(self.plant.envelope(name, version, edge=edge), duty="rooms").encode(self.plant.key)
        self.say(to or edge, sent)

    def pushed(self, name: str, version: int) -> Any:
        """Push an artifact to the first edge from the command line; return what the edge answered."""
        to = f"mqtt://{HOST}:{self.place.address.port}/{self.base}"
        files = [self.plant.folder / name, "--key", self.plant.folder / "plant.key"]
        asked = ["--to", to, "--edge", "hall-1", "--version", str(version), "--wait", "60", "--json"]
        command = [sys.executable, "-m", "tocsin.cli", "push", *map(str, files), *asked]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["edges"]

    def say(self, edge: str, message: bytes) -> None:
        link = Link(self.place)
        link.start()
        link.expect()
        assert link.deliver([(self.place.topic(edge, "artifact"), message)]) == [""]
        link.stop()

    def told(self, edge: str) -> dict[str, Any]:
        found = {seen.edge: seen.document() for seen in self.fleet.edges()}
        return found.get(edge, {"state": "none", "artifacts": [], "readings": 0, "refused": None})

    def until(self, true: Callable[[], bool], what: str) -> None:
        self.edges[0].until(true, what, patience_s=60)

    def judges(self, edge: str, detector: str, state: str) -> Callable[[], bool]:
        def true() -> bool:
            return [(own["detector"], own["state"]) for own in self.told(edge)["artifacts"]] == [(detector, state)]

        return true

    def _edge(self, name: str, broker: Mosquitto, raw: str) -> LiveWatch:
        place = self.folder / f"{name}.toml"
        files = {"artifact": self.plant.folder / "configured.tocsin", "trusted": self.plant.folder / "plant.pub"}
        place.write_text(CONFIG.format(host=HOST, port=broker.port, raw=raw, base=self.base, name=name, **files))
        return LiveWatch("--config", place, "--log-format", "json", folder=self.folder, name=name)

    def _send(self, broker: Mosquitto, raw: str) -> None:
        """Send readings of both edges' devices, for as long as the test lasts."""
        fleet = LiveFleet(devices=4, readings=100_000 // 4, faulty=False, seed=9)
        with MqttPublisher(HOST, broker.port, topic=raw + "/{device}") as publisher:
            for start in range(0, len(fleet), 16):
                if self._ended.is_set():
                    return
                for name in self.names:
                    messages = fleet.messages(range(start, start + 16))
                    publisher.publish(replace(one, topic=f"{name}/{one.topic}") for one in messages)
                time.sleep(0.04)


@pytest.fixture
def site(mosquitto: Mosquitto, plant: Plant, tmp_path: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(mosquitto, plant, tmp_path, stack)


def test_a_good_push_is_taken_up_and_one_that_always_rings_is_rolled_back(site: Site) -> None:
    for name in site.names:
        site.push("better.tocsin", 10, edge=name)
    for name in site.names:
        site.until(site.judges(name, "pca", "probation"), "the push is in force")
    for name in site.names:
        site.until(site.judges(name, "pca", "steady"), "it has proven itself")
    before = site.told("hall-1")["readings"]
    site.push("ringing.tocsin", 11)
    site.until(site.judges("hall-1", "pca", "rolled back"), "what always rings was rolled back")
    assert "of the readings are flagged" in site.told("hall-1")["artifacts"][0]["why"]
    site.until(lambda: site.told("hall-1")["readings"] > before + 100, "it went on judging")
    assert site.judges("hall-2", "pca", "steady")()
    assert all(edge.running for edge in site.edges)
    told = site.told("hall-2")["artifacts"][0]
    assert told["judged"] > 100
    assert told["flagged"] < 0.05


@pytest.mark.slow
def test_what_is_wrong_is_refused_and_the_watch_goes_on(site: Site) -> None:
    before = site.told("hall-1")["readings"]
    site.push("foreign.tocsin", 12)
    site.until(lambda: "pressure" in (site.told("hall-1")["refused"] or ""), "other channels were refused")
    body = bytearray(
        replace(site.plant.envelope("better.tocsin", 13, edge="hall-1"), duty="rooms").encode(site.plant.key)
    )
    body[5_000] ^= 1
    site.say("hall-1", bytes(body))
    site.push("better.tocsin", 14, edge="hall-2", to="hall-1")
    site.until(lambda: "not for 'hall-1'" in site.edges[0].log, "the other edge's was refused")
    assert "altered after it was signed" in site.edges[0].log
    assert site.judges("hall-1", "rolling_zscore", "configured")()
    site.until(lambda: site.told("hall-1")["readings"] > before + 100, "it went on judging")
    assert all(edge.running for edge in site.edges)
    assert site.pushed("better.tocsin", 15) == {"hall-1": "taken"}
    site.until(site.judges("hall-1", "pca", "probation"), "a good one is taken up after all")
    site.say("hall-1", Envelope("hall-1", 16, "roll back", "rooms").encode(site.plant.key))
    site.until(site.judges("hall-1", "rolling_zscore", "rolled back"), "an order takes it back")


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_good_artifact_in_force(site: Site) -> None:
    """Twelve kills while two artifacts come into force in turn: afterwards the last one judges, and nothing is lost."""
    edge = site.edges[0]
    for version, wait in enumerate([0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.9, 1.1, 1.4], start=20):
        site.push(("better.tocsin", "third.tocsin")[version % 2], version)
        time.sleep(wait)
        edge.kill()
        edge.start().ready()
        site.until(lambda own=version: site.told("hall-1")["push"]["seen"] == own, "it was dealt with")  # type: ignore[misc]  # a default binds it now
    site.until(site.judges("hall-1", "rolling_zscore", "steady"), "the last one has proven itself")
    ledger = json.loads((site.folder / "hall-1/pushed.json").read_text())
    assert (ledger["seen"], ledger["refused"], ledger["duties"]["rooms"]["deaths"]) == (31, {}, 0)
    edge.stop()
    site.until(lambda: site.told("hall-1")["state"] == "ended", "its end was told")


@pytest.mark.slow
def test_the_will_says_that_an_edge_is_away(site: Site) -> None:
    site.edges[1].kill()
    site.until(lambda: site.told("hall-2")["state"] == "away", "the broker told it")
