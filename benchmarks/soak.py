"""A watch for an hour at half of what it can take: its memory must stay flat, nothing may be lost, lag must be bounded.

A fleet publishes over MQTT, QoS 1, in real time; faults ring, and a receiver hears of them. Prints a table of how the
watch fared, and ends with code 1 where something was not as it should be.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from speed.drain import WIRES, drain
from speed.material import CHANNELS, fleet_artifact

from tocsin.core.arrivals import Message
from tocsin.testing.live_fleet import BEGIN, SECOND, LiveFleet
from tocsin.testing.live_plant import MqttPlant
from tocsin.testing.live_receiver import Receiver
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import Mosquitto

TURN_S = 0.02
SETTLED = 0.25
"""After this share of the time memory is held to what it was: before, caches fill and windows do."""
GROWTH = 0.05
"""Share by which memory may differ from then to the end, in an hour or less."""
LONGEST_LAG_S = 5.0
FASTEST_HZ = 4_000
"""The publisher, which shares the machine, sends no more."""


@dataclass(frozen=True)
class Sample:
    """How the watch is at a moment: s since the start, readings judged, s of lag, bytes held, bytes of the store."""

    second: float
    judged: float
    lag_s: float
    memory: int
    store: int
    told: int


@dataclass(frozen=True)
class Fleet:
    """Devices that speak once a second, some of which go wrong for a while, for as long as it takes."""

    devices: int
    seconds: int

    def second(self, number: int, values: np.ndarray) -> list[Message]:
        """Return the readings of all devices in a second."""
        time_ms = (BEGIN + number * SECOND) // 1_000_000
        rows = values[(number + 7 * np.arange(self.devices)) % len(values)]
        strange = (number // 20 + np.arange(self.devices)) % 2_000 == 0
        rows[strange, 0] += 30
        names = [f"c{channel}" for channel in range(len(CHANNELS))]
        return [
            Message(f"room-{k}", json.dumps({"time": time_ms, **dict(zip(names, row, strict=True))}).encode(), 0)
            for k, row in enumerate(rows.tolist())
        ]


def soak(minutes: float, *, rate: float | None, folder: Path) -> tuple[list[Sample], list[str]]:
    """Return samples and what was wrong, in sentences."""
    artifact = folder / "fleet.tocsin"
    fleet_artifact(artifact)
    if rate is None:
        rate = min(drain(WIRES[1], artifact, folder / "capacity", share=0.5)["readings_s"] / 2, FASTEST_HZ)
    fleet = Fleet(round(rate), round(60 * minutes))
    store = folder / "tocsin.db"
    with Mosquitto() as broker, Receiver() as receiver:
        plant = MqttPlant(broker)
        more = ["--sink", receiver.url, "--quiet"]
        watch = LiveWatch(artifact, "--source", plant.source(), "--store", f"sqlite:///{store}", *more, folder=folder)
        with watch:
            watch.ready()
            publishing = threading.Thread(target=_publish, args=(fleet, plant), daemon=True)
            publishing.start()
            samples = list(_samples(watch, receiver, fleet, store, publishing))
            late = _meters(watch)
            watch.stop()
    return samples, _wrong(samples, fleet, receiver, late)


def _publish(fleet: Fleet, plant: MqttPlant) -> None:
    """Publish each second's readings spread over that second."""
    calm = LiveFleet(devices=1, readings=600, channels=len(CHANNELS), faulty=False)
    with plant.publisher() as publisher:
        started = time.monotonic()
        for number in range(fleet.seconds):
            messages, sent = fleet.second(number, calm.values.copy()), 0
            while sent < len(messages):
                passed = time.monotonic() - started - number
                due = min(len(messages), max(0, int(passed * len(messages))))
                publisher.publish(messages[sent:due])
                sent = max(sent, due)
                time.sleep(TURN_S)
        publisher.flush(patience_s=300)


def _samples(
    watch: LiveWatch, receiver: Receiver, fleet: Fleet, store: Path, publishing: threading.Thread
) -> Iterator[Sample]:
    """Look at the watch a hundred times, and once more when all is judged."""
    started, all_of_them = time.monotonic(), fleet.devices * fleet.seconds
    step, until = max(1.0, fleet.seconds / 100), started + 1.5 * fleet.seconds + 120
    judged = 0.0
    while (publishing.is_alive() or judged < all_of_them) and time.monotonic() < until and watch.running:
        time.sleep(step if publishing.is_alive() else 0.5)
        judged, lag = watch.meter("tocsin_readings_total"), watch.meter("tocsin_lag_seconds")
        size = sum(path.stat().st_size for path in store.parent.glob("tocsin.db*"))
        yield Sample(time.monotonic() - started, judged, lag, watch.memory(), size, len(receiver.news))


def _meters(watch: LiveWatch) -> dict[str, float]:
    names = ("tocsin_dead_letters_total", "tocsin_sink_failures_total", "tocsin_store_failures_total")
    return {name: watch.meter(name) for name in names}


def _wrong(samples: list[Sample], fleet: Fleet, receiver: Receiver, meters: dict[str, float]) -> list[str]:
    said = []
    if (judged := samples[-1].judged) != fleet.devices * fleet.seconds:
        said.append(f"{judged:,.0f} of {fleet.devices * fleet.seconds:,} readings were judged.")
    early = [each for each in samples if each.second >= SETTLED * fleet.seconds]
    first, last = (float(np.median([each.memory for each in part])) for part in (early[:10], early[-10:]))
    if last > first * (1 + GROWTH):
        said.append(f"Memory grew from {first / 1e6:.0f} to {last / 1e6:.0f} MB.")
    if (lag := max(each.lag_s for each in samples)) > LONGEST_LAG_S:
        said.append(f"The lag was {lag:.1f} s at times.")
    if not receiver.news:
        said.append("Nothing rang, though devices went wrong.")
    if receiver.changed or max(receiver.times.values(), default=1) > 1:
        said.append("News came twice.")
    return said + [f"{name} is {count:g}." for name, count in meters.items() if count]


def _show(samples: list[Sample], fleet_rate: float) -> None:
    table = Table(title=f"{fleet_rate:,.0f} readings/s over MQTT, QoS 1, into SQLite", title_justify="left")
    for column in ("minute", "judged", "lag", "memory", "store", "news told"):
        table.add_column(column, justify="right")
    for each in samples[:: max(1, len(samples) // 12)]:
        sizes = f"{each.memory / 1e6:.1f} MB", f"{each.store / 1e6:.1f} MB"
        table.add_row(f"{each.second / 60:.1f}", f"{each.judged:,.0f}", f"{each.lag_s:.2f} s", *sizes, str(each.told))
    Console(width=100).print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long")
    parser.add_argument("--rate", type=float, help="readings a second; half of what is measured first where left out")
    parser.add_argument("--output", type=Path, help="where samples go, as JSON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        samples, wrong = soak(asked.minutes, rate=asked.rate, folder=Path(scratch))
    _show(samples, samples[-1].judged / (60 * asked.minutes))
    print("\n".join(wrong) or "Memory is flat, nothing is lost, lag is bounded.")
    if asked.output:
        asked.output.write_text(json.dumps({"wrong": wrong, "samples": [asdict(each) for each in samples]}, indent=1))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
