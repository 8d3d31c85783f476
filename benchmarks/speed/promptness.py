"""How long after its reading was published a verdict is stored, at half of what the watch could take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speed.children import HERE, say
from speed.drain import CHANNELS, Wire
from speed.material import fleet_artifact
from tocsin.core.arrivals import Message
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_plant import LivePlant, MqttPlant
from tocsin.testing.servers import Mosquitto

TURN_S = 0.01
"""So often a turn of messages goes out: devices do not speak in step."""


def promptness(wire: Wire, artifact: Path, folder: Path, *, rate: float, seconds: float) -> dict[str, Any]:
    """Percentiles of ms from publish to verdict, and readings published a second, of devices that speak once a second.

    Devices that send arrays collect that many readings first; what is timed is the last of them.
    """
    folder.mkdir()
    say(f"stream: {wire.name}, from publish to verdict at {rate:,.0f} readings/s")
    with wire.server() as broker:
        plan = Plan(devices=max(1, round(rate)), rate=rate, seconds=seconds, size=wire.size)
        return plan.run(wire.plant(broker), artifact, folder)


def keeps_up(folder: Path, *, hertz: float, seconds: float) -> dict[str, Any]:
    """One device that takes ``hertz`` readings a second, over MQTT in arrays of a hundredth of a second."""
    folder = folder / "fastest"
    folder.mkdir()
    fleet_artifact(folder / "fastest.tocsin", period_s=1 / hertz)
    say(f"stream: one device at {hertz:,.0f} Hz")
    with Mosquitto() as broker:
        plan = Plan(devices=1, rate=hertz, seconds=seconds, size=round(hertz / 100))
        return plan.run(MqttPlant(broker), folder / "fastest.tocsin", folder)


@dataclass(frozen=True)
class Plan:
    """Who publishes how much, in real time.

    Parameters
    ----------
    devices
        They take turns.
    rate
        Readings/s of all together.
    seconds
        How long.
    size
        Readings in a message.
    """

    devices: int
    rate: float
    seconds: float
    size: int

    @property
    def readings(self) -> int:
        """How many in all."""
        return int(self.rate * self.seconds) // self.size * self.size

    def run(self, plant: LivePlant, artifact: Path, folder: Path) -> dict[str, Any]:
        """Publish beside a watch in a process of its own, and return what that found."""
        own = {"artifact": str(artifact), "source": plant.source(), "store": f"sqlite:///{folder}/tocsin.db"}
        settings = json.dumps({**own, "readings": self.readings, "size": self.size})
        command = [sys.executable, str(HERE / "latency_side.py"), "latency", settings]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            while "ready" not in (line := child.stdout.readline()):
                if not line:
                    raise SystemExit("the watch ended before it listened")
            with plant.publisher() as publisher:
                started = time.monotonic()
                for turn in self.turns(started):
                    publisher.publish(turn)
                publisher.flush(patience_s=300)
                taken = time.monotonic() - started
            answer: dict[str, Any] = json.loads(child.stdout.read().strip().splitlines()[-1])
        if answer["judged"] < self.readings:
            raise SystemExit(f"{answer['judged']} of {self.readings} readings were judged")
        return {**answer, "published_s": self.readings / taken}

    def turns(self, started: float) -> Iterator[list[Message]]:
        """Yield what is due by now, message by message in turns of the devices, until all is out."""
        calm = LiveFleet(devices=1, readings=1000, channels=CHANNELS, faulty=False)
        values = [dict(zip(calm.channel_names, row, strict=True)) for row in calm.values.tolist()]
        sent, messages, begun = 0, self.readings // self.size, time.time_ns() // 1000
        while sent < messages:
            due = min(int((time.monotonic() - started) * self.rate / self.size) + 1, messages)
            yield [self._message(number, values, begun) for number in range(sent, due)]
            sent = due
            time.sleep(TURN_S)

    def _message(self, number: int, values: list[dict[str, float]], begun: int) -> Message:
        """Return a message whose last reading was taken just now, at an odd µs, the others before it, at even ones.

        A single device keeps its own pace from when it began, or its times would not grow.
        """
        step = round(1e6 * self.devices / self.rate)
        now = (time.time_ns() // 1000 if self.devices > 1 else begun + number * self.size * step) | 1
        device, first = number % self.devices, number // self.devices * self.size
        when = [*(now - (self.size - 1 - k) * step & ~1 for k in range(self.size - 1)), now]
        held = [{"time": when[k], **values[(first + k) % len(values)]} for k in range(self.size)]
        return Message(f"room-{device}", json.dumps(held[0] if self.size == 1 else held).encode(), 0)
