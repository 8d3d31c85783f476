"""Rooms that speak four times a second over a real broker, to a real watch that tells the service what it judges."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl

from tocsin.core.arrivals import Message
from tocsin.testing.live_plant import MqttPlant
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import Mosquitto, Service
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

CADENCE_S = 0.25
CHANNELS = ("temperature", "humidity")
BEGIN = 1_704_067_200


class Stream:
    """A small fleet on a broker, watched; any room can be made to go wrong, and right again.

    Parameters
    ----------
    broker, service
        Servers that run.
    folder
        Where the artifact and the watch's log go.
    rooms
        How many.
    """

    def __init__(self, broker: Mosquitto, service: Service, folder: Path, *, rooms: int = 5) -> None:
        self.names = tuple(f"room-{room}" for room in range(rooms))
        self.wrong: set[str] = set()
        self._plant, self._stop = MqttPlant(broker), threading.Event()
        self._rng = np.random.default_rng(4)
        artifact = folder / "rooms.tocsin"
        fit(_calm(), Recipe(detector="pca", window=4, raise_after=3, release_after=8)).save(artifact)
        told = ("--source", self._plant.source(), "--store", service.store, "--service", service.url)
        self.watch = LiveWatch(artifact, *told, "--stale-after", "never", folder=folder)
        self._beside = threading.Thread(target=self._publish, daemon=True)

    def __enter__(self) -> Self:
        self.watch.start().ready()
        self._beside.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._beside.join(5.0)
        self.watch.kill()

    def _publish(self) -> None:
        with self._plant.publisher() as publisher:
            number = int(time.time() / CADENCE_S)
            while not self._stop.wait(max(0.0, number * CADENCE_S - time.time())):
                publisher.publish([self._message(room, number) for room in self.names])
                number += 1

    def _message(self, room: str, number: int) -> Message:
        temperature, humidity = _values(self._rng, 1)[0]
        held = {"time": round(number * CADENCE_S * 1000), "temperature": temperature, "humidity": humidity}
        if room in self.wrong:
            held["temperature"] += 15.0
        return Message(room, json.dumps(held).encode(), 0)


def _values(rng: np.random.Generator, n: int) -> list[list[float]]:
    found: list[list[float]] = np.round(rng.normal((21.0, 50.0), (0.3, 1.0), (n, 2)), 3).tolist()
    return found


def _calm(readings: int = 800) -> pl.DataFrame:
    """Return readings of one room in which nothing is wrong."""
    values = np.array(_values(np.random.default_rng(1), readings))
    time_ns = ((BEGIN + np.arange(readings) * CADENCE_S) * 1e9).astype(np.int64)
    columns = {"time": time_ns.astype("datetime64[ns]"), "device": np.full(readings, "room-0")}
    return pl.DataFrame({**columns, **dict(zip(CHANNELS, values.T, strict=True))})
