"""The engine alone: a fleet's readings through a lane, without broker and store, beside the graph on the same windows.

Called as ``python stream_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.arrivals import Arrivals
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.graph.run import Runner

WINDOW, CHANNELS = 10, 5
SECOND = 10**9
BATCH = 10_000
"""Windows in the batch that the stream is compared with."""


def engine(settings: dict[str, Any]) -> dict[str, Any]:
    """Readings a second of a fleet with full windows, and what a device costs in memory and in the store."""
    from tocsin.artifact.bundle import load

    artifact, devices = load(settings["artifact"]), settings["devices"]
    runner, given = Runner(artifact.graph), np.random.default_rng(0).random((BATCH, WINDOW, CHANNELS), np.float32)
    runner(given)
    held = memory()
    lane = Lane((Duty(artifact),))
    came = arrivals(artifact, devices=devices, rows=settings["rows"])
    for _ in range(warming(devices, settings["rows"])):
        lane.take(next(came))
    grown, stored = memory() - held, sum(len(part or b"") for part in lane.changed().values())
    turns = [_turn(lane, came, runner, given, settings["seconds"]) for _ in range(settings["turns"])]
    readings, taken, processor = (sum(turn[k] for turn in turns) for k in range(3))
    return {
        "readings_s": readings / taken,
        "batch_s": max(turn[3] for turn in turns),
        "cpu_s_per_1000": 1000 * processor / readings,
        "memory_per_device": grown / devices,
        "stored_per_device": stored / devices,
    }


def arrivals(artifact: Any, *, devices: int, rows: int) -> Iterator[Arrivals]:
    """Readings of a fleet in turns, ``rows`` at a time, one of each device in each period, for ever."""
    names, own = tuple(f"room-{k}" for k in range(devices)), artifact.schema.names
    rng, period, number = np.random.default_rng(0), artifact.clock.period_ns, 0
    while True:
        at = number + np.arange(rows)
        values = rng.normal(artifact.reference, 0.01, (rows, len(own)))
        device, when = at % devices, (at // devices + 1) * period
        some, local = np.unique(device, return_inverse=True)
        yield Arrivals(tuple(names[k] for k in some), own, local, when, values, when)
        number += rows


def warming(devices: int, rows: int) -> int:
    """Return after how many pushes every window is full, and some more."""
    return -(-(WINDOW + 2) * devices // rows) + 2


def _turn(
    lane: Lane, came: Iterator[Arrivals], runner: Runner, given: Any, seconds: float
) -> tuple[int, float, float, float]:
    """Readings, seconds and processor seconds of the stream for a while, and then windows/s of a batch."""
    readings, taken, processor = 0, 0.0, 0.0
    while taken < seconds:
        block = next(came)
        started, used = time.perf_counter(), time.process_time()
        found = lane.take(block)
        taken += time.perf_counter() - started
        processor += time.process_time() - used
        readings += found.readings
        # as the feed does every few seconds, so that what is to be saved does not grow without bound
        lane.saved()
    started = time.perf_counter()
    runner(given)
    return readings, taken, processor, BATCH / (time.perf_counter() - started)


def memory() -> int:
    """Return the bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def versions() -> dict[str, str]:
    import onnxruntime

    return {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__}


if __name__ == "__main__":
    tasks = {"engine": engine}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": versions()}))
