"""The agent of an edge, without the watch around it: what cannot be taken over is taken back, statistics outlast it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from tests.cascade.conftest import Plant
from tests.cascade.test_observed import frame

from tocsin.artifact import bundle
from tocsin.cascade.agent import Agent, Pace
from tocsin.cascade.fleet import Fleet
from tocsin.cascade.gauge import Gauge
from tocsin.cascade.ledger import Entry
from tocsin.cascade.link import Link
from tocsin.cascade.pushed import Pushed
from tocsin.cascade.uplink_place import UplinkPlace
from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.meters import Meters
from tocsin.testing.servers import HOST, Mosquitto


class Box:
    """An edge whose watch takes artifacts over, or cannot."""

    def __init__(self, plant: Plant, folder: Path, place: UplinkPlace, *, able: bool = True) -> None:
        self.plant, self.place, self.able = plant, place, able
        self.pushed = Pushed(folder, {"rooms": plant.folder / "configured.tocsin"}, trust=plant.trust, edge="hall-3")
        self.gauge, self.meters = Gauge(), Meters()
        self.duty = self._duty()
        self.agent = Agent(
            place,
            "hall-3",
            duties=lambda: {"rooms": self.duty},
            meters=self.meters,
            gauge=self.gauge,
            pace=Pace(sketch_s=0.2, probation_s=60.0, probation_readings=10),
            folder=folder,
            pushed=self.pushed,
            exchange=self._exchange,
        )

    def push(self, name: str, version: int) -> None:
        self.hear(self.message(name, version))

    def message(self, name: str, version: int, *, edge: str = "hall-3") -> bytes:
        return replace(self.plant.envelope(name, version, edge=edge), duty="rooms").encode(self.plant.key)

    def hear(self, *messages: bytes) -> None:
        """Have the broker hand the edge some messages, whatever they are."""
        link = Link(self.place)
        link.start()
        link.expect()
        sent = link.deliver([(self.place.topic("hall-3", "artifact"), message) for message in messages])
        assert not any(sent)
        link.stop()

    def judged(self, scores: FloatArray) -> Entry:
        """Let the artifact in force have given some scores; return how things stand."""
        self.gauge.show([frame(scores, version=self.duty.version)], ())
        return self.pushed.ledger.entry("rooms")

    def _exchange(self) -> None:
        if not self.able and self.pushed.ledger.entry("rooms").state == "probation":
            raise SettingError("It cannot be taken over here.", remedy="Try another one.")
        self.duty = self._duty()

    def _duty(self) -> Duty:
        return Duty(bundle.load(self.pushed.path("rooms")), name="rooms")


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def place(mosquitto: Mosquitto) -> UplinkPlace:
    return UplinkPlace.parse(f"mqtt://{HOST}:{mosquitto.port}/a{uuid4().hex[:8]}", where="here")


@pytest.mark.slow
def test_what_the_watch_cannot_take_over_is_taken_back(plant: Plant, tmp_path: Path, place: UplinkPlace) -> None:
    box = Box(plant, tmp_path, place, able=False)
    box.agent.start()
    with Fleet(place) as fleet:
        box.push("better.tocsin", 7)
        until(lambda: any("cannot be taken over" in str(own.document()["refused"]) for own in fleet.edges()))
    box.agent.stop()
    assert box.duty.artifact.provenance.detector == "rolling_zscore"
    assert box.pushed.ledger.entry("rooms").state == "rolled back"


@pytest.mark.slow
def test_what_rings_is_rolled_back_and_statistics_outlast_a_restart(
    plant: Plant, tmp_path: Path, place: UplinkPlace
) -> None:
    box = Box(plant, tmp_path, place)
    box.agent.start()
    box.push("ringing.tocsin", 7)
    until(lambda: box.pushed.ledger.entry("rooms").state == "probation")
    until(lambda: box.duty.artifact.provenance.detector == "pca")
    until(lambda: box.judged(np.full(50, 9.0)).state == "rolled back")
    until(lambda: box.duty.artifact.provenance.detector == "rolling_zscore")
    assert "of the readings are flagged" in box.pushed.ledger.entry("rooms").why
    until(lambda: box.meters.value("tocsin_cascade_rolled_back") == 1)
    box.judged(np.full(50, 0.5))
    before = box.gauge.observed()[("rooms", box.duty.version)].readings
    box.agent.stop()
    again = Box(plant, tmp_path, place)
    again.agent.start()
    assert again.gauge.observed()[("rooms", again.duty.version)].readings == before > 0
    again.agent.stop()
    with Fleet(place) as fleet:
        fleet.settle()
        assert [own.state for own in fleet.edges()] == ["ended"]


@pytest.mark.slow
def test_an_edge_whose_broker_was_away_is_not_taken_for_away(plant: Plant, tmp_path: Path) -> None:
    """A broker that ends publishes the wills of all, and keeps them: whoever comes back says at once how things are."""
    with Mosquitto() as broker:
        place = UplinkPlace.parse(f"mqtt://{HOST}:{broker.port}/tocsin", where="here")
        box = Box(plant, tmp_path, place)
        box.agent.start()
        with Fleet(place) as fleet:
            until(lambda: [own.state for own in fleet.edges()] == ["configured"])
            broker.stop()
            until(lambda: box.meters.value("tocsin_cascade_away") == 1)
            broker.start()
        with Fleet(place) as anew:
            until(lambda: [own.state for own in anew.edges()] == ["configured"])
        assert box.meters.value("tocsin_cascade_away") == 0
        box.agent.stop()


@pytest.mark.slow
def test_a_disk_that_takes_nothing_is_said_and_ends_nothing(
    plant: Plant, tmp_path: Path, place: UplinkPlace, caplog: pytest.LogCaptureFixture
) -> None:
    box = Box(plant, tmp_path / "edge", place)
    (tmp_path / "edge").write_text("where a folder should be")
    box.agent.start()
    box.push("better.tocsin", 7)
    with Fleet(place) as fleet:
        until(lambda: any("cannot be written down" in str(own.document()["refused"]) for own in fleet.edges()))
        box.judged(np.full(50, 0.5))
        until(lambda: any(own.observed and own.observed[0].readings == 50 for own in fleet.edges()))
    box.agent.stop()
    assert box.duty.artifact.provenance.detector == "rolling_zscore"
    assert "Statistics cannot be kept for the next start" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.slow
def test_a_flood_of_what_is_no_push_neither_stops_an_edge_nor_keeps_a_good_one_away(
    plant: Plant, tmp_path: Path, place: UplinkPlace
) -> None:
    box = Box(plant, tmp_path, place)
    box.agent.start()
    good, deep = box.message("better.tocsin", 10), b"[" * 60_000
    cut = [good[:size] for size in (0, 1, 14, 26, 100, len(good) // 2, len(good) - 1)]
    nested = b"tocsin push 1\0" + len(deep).to_bytes(4, "little") + bytes(8) + deep
    box.hear(*cut, good + b"x", nested, box.message("better.tocsin", 11, edge="hall-4"), bytes(5 << 20))
    box.hear(*(good[:-1] + bytes([k % 256]) + good[-1:] for k in range(500)), good)
    until(lambda: box.duty.artifact.provenance.detector == "pca")
    box.hear(box.message("third.tocsin", 9))  # an older one, signed: somebody plays it back
    until(lambda: "10 was dealt with before" in box.agent.health().refused)
    assert (box.pushed.ledger.seen, box.duty.artifact.provenance.detector) == (10, "pca")
    box.agent.stop()
