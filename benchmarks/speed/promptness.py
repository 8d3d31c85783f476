"""How long after its reading was published a verdict is stored, at half of what the watch could take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from speed.children import HERE, say
from speed.drain import CHANNELS, Wire
from tocsin.core.arrivals import Message
from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_plant import LivePlant

TURN_S = 0.01
"""So often a turn of messages goes out: devices do not speak in step."""


def promptness(wire: Wire, artifact: Path, folder: Path, *, rate: float, seconds: float) -> dict[str, Any]:
    """Percentiles of ms from publish to verdict, and readings published a second, with a device for each reading/s."""
    folder.mkdir()
    say(f"stream: {wire.name}, from publish to verdict at {rate:,.0f} readings/s")
    with wire.server() as broker:
        plant = wire.plant(broker)
        return prompt(plant, artifact, folder, devices=round(rate), rate=rate, seconds=seconds, size=wire.size)


def prompt(
    plant: LivePlant, artifact: Path, folder: Path, *, devices: int, rate: float, seconds: float, size: int
) -> dict[str, Any]:
    """Publish in real time beside a watch of its own process, and return what that found."""
    readings = int(rate * seconds) // size * size
    settings = {"artifact": str(artifact), "source": plant.source(), "store": f"sqlite:///{folder}/tocsin.db"}
    command = [sys.executable, str(HERE / "latency_side.py"), "latency", json.dumps({**settings, "readings": readings})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while "ready" not in (line := child.stdout.readline()):
            if not line:
                raise SystemExit("the watch ended before it listened")
        with plant.publisher() as publisher:
            started, sent = time.monotonic(), 0
            for turn in _turns(devices, rate=rate, readings=readings, size=size, started=started):
                publisher.publish(turn)
                sent += len(turn) * size
            publisher.flush(patience_s=300)
            taken = time.monotonic() - started
        answer: dict[str, Any] = json.loads(child.stdout.read().strip().splitlines()[-1])
    assert answer["judged"] >= readings, f"{answer['judged']} of {readings} were judged"
    return {**answer, "published_s": sent / taken}


def _turns(devices: int, *, rate: float, readings: int, size: int, started: float) -> Iterator[list[Message]]:
    """Yield what is due by now, message by message in turns of the devices, until all is out."""
    calm = LiveFleet(devices=1, readings=1000, channels=CHANNELS, faulty=False)
    values = [dict(zip(calm.channel_names, row, strict=True)) for row in calm.values.tolist()]
    sent = 0
    while sent < readings:
        due = min(int((time.monotonic() - started) * rate) + size, readings) // size * size
        yield [_message(number, values, devices, rate, size) for number in range(sent // size, due // size)]
        sent = due
        time.sleep(TURN_S)


def _message(number: int, values: list[dict[str, float]], devices: int, rate: float, size: int) -> Message:
    """Return a message of ``size`` readings; the last of them was taken just now, the others before it."""
    now, step = time.time_ns(), round(1e9 * devices / rate)
    device, first = number % devices, number // devices * size
    held = [{"time": now - (size - 1 - k) * step, **values[(first + k) % len(values)]} for k in range(size)]
    return Message(f"room-{device}", json.dumps(held[0] if size == 1 else held).encode(), 0)
