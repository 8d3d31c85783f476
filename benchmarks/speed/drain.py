"""From broker to store: a watch drains what waits for it at a broker, with whoever published it gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speed.children import say
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_plant import KafkaPlant, LivePlant, MqttPlant
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import KafkaBroker, Mosquitto, Server

DEVICES, CHANNELS = 1_000, 5
PACE_S = 0.02


@dataclass(frozen=True)
class Wire:
    """A way for readings to come.

    Parameters
    ----------
    name
        For people.
    server, plant
        Who starts the broker, and who speaks to it.
    size
        Readings in a message.
    readings
        How many wait.
    aim
        Readings/s that were aimed at.
    most_hz
        Readings/s that the publisher of this wire can send in real time, beside the watch on the same machine.
    """

    name: str
    server: Callable[[], Server]
    plant: Callable[[Any], LivePlant]
    size: int
    readings: int
    aim: float
    most_hz: float


def _qos0() -> Mosquitto:
    return Mosquitto(keep_qos0=True)


def _mqtt0(broker: Mosquitto) -> LivePlant:
    return MqttPlant(broker, qos=0)


def _kafka(broker: KafkaBroker) -> LivePlant:
    return KafkaPlant(broker, partitions=4)


WIRES = (
    Wire("MQTT QoS 0, single", _qos0, _mqtt0, 1, 100_000, 10_000, 5_000),
    Wire("MQTT QoS 1, single", Mosquitto, MqttPlant, 1, 100_000, 2_500, 5_000),
    Wire("MQTT QoS 1, arrays of 100", Mosquitto, MqttPlant, 100, 600_000, 25_000, 20_000),
    Wire("Kafka, single", KafkaBroker, _kafka, 1, 600_000, 25_000, 20_000),
)


def drain(wire: Wire, artifact: Path, folder: Path, *, share: float = 1.0) -> dict[str, float]:
    """Readings a second, and processor seconds of the watch for 1,000, while the backlog lasts.

    The start of the process and the first twentieth of the backlog are not counted.
    """
    fleet = LiveFleet(devices=DEVICES, readings=int(wire.readings * share) // DEVICES, channels=CHANNELS, faulty=False)
    folder.mkdir()
    say(f"stream: {wire.name}, {len(fleet):,} readings")
    with wire.server() as broker:
        plant = wire.plant(broker)
        watch = LiveWatch(artifact, *_arguments(plant, folder), folder=folder)
        if isinstance(plant, MqttPlant):
            with watch:
                watch.ready().stop()
        with plant.publisher() as publisher:
            publisher.publish(list(fleet.messages() if wire.size == 1 else fleet.arrays(wire.size)))
            publisher.flush(patience_s=600)
        with watch:
            found = _paced(watch, len(fleet))
            watch.stop()
    return found


def _arguments(plant: LivePlant, folder: Path) -> list[str]:
    return ["--source", plant.source(), "--store", f"sqlite:///{folder}/tocsin.db", "--quiet"]


def _paced(watch: LiveWatch, readings: int) -> dict[str, float]:
    """Follow the meter from a twentieth of the backlog to its end."""
    first: tuple[float, float, float] | None = None
    seen, until = 0.0, time.monotonic() + 600
    while seen < readings:
        time.sleep(PACE_S)
        seen, now = watch.meter("tocsin_readings_total"), time.monotonic()
        if not watch.running or now > until:
            raise SystemExit(f"The watch has judged {seen:,.0f} of {readings:,} readings:\n{watch.log[-3000:]}")
        if first is None and seen > readings / 20:
            first = seen, now, watch.seconds()
    if first is None or first[0] > readings / 2:
        raise SystemExit("The backlog was gone before it could be followed: give a greater --share.")
    judged, seconds, processor = seen - first[0], time.monotonic() - first[1], watch.seconds() - first[2]
    return {"readings_s": judged / seconds, "cpu_s_per_1000": 1000 * processor / judged}
