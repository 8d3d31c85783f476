"""A watch that notes, for each verdict, how long ago its reading was published; in a process of its own.

Called as ``python latency_side.py latency SETTINGS``, with settings in JSON; it says "ready" once it listens, ends when
all readings are judged, and the last line printed is the answer in JSON. The same machine publishes, so both read the
same clock: a reading's time is when it was published, a verdict is there when it is stored.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.cli._lasting import lasting
from tocsin.core.arrays import FloatArray
from tocsin.engine.live.loop import Loop
from tocsin.engine.live.meters import Meters
from tocsin.store import Store, open_store
from tocsin.store.entry import Entry
from tocsin.wiring.assembly import Assembly
from tocsin.wiring.watch_flags import WatchFlags

PATIENCE_S = 120.0


def latency(settings: dict[str, Any]) -> dict[str, Any]:
    """Percentiles of milliseconds from publish to stored verdict, the first part left out, while things settle."""
    flags = WatchFlags(artifact=Path(settings["artifact"]), sources=(settings["source"],), keep="all")
    store, meters, stop = open_store(settings["store"]), Meters(), threading.Event()
    took, counted = noted(store)
    assembly = Assembly.of(flags.plan(None))
    loop = Loop(assembly.feeds(store, meters, fresh=False), {}, store, meters=meters)
    with lasting():  # as tocsin watch does
        running = threading.Thread(target=loop.run, args=(stop,))
        running.start()
        while loop.ready():
            time.sleep(0.05)
        print("ready", flush=True)
        until = time.monotonic() + PATIENCE_S
        while sum(counted) < settings["readings"] and time.monotonic() < until:
            time.sleep(0.05)
        stop.set()
        running.join()
    store.close()
    late = np.concatenate(took)
    some = late[len(late) // 5 :]
    p50, p95, p99 = np.percentile(some, [50, 95, 99])
    return {"judged": sum(counted), "p50": p50, "p95": p95, "p99": p99, "last": float(np.median(late[-20:]))}


def noted(store: Store) -> tuple[list[FloatArray], list[int]]:
    """Let a store note, at each write, the age in ms of what has just become safe, and how many verdicts those are.

    Of a message with several readings the last is timed, which was taken when it was sent: its time is an odd µs.
    """
    took: list[FloatArray] = []
    counted: list[int] = []
    write = store.write

    def write_and_note(entry: Entry) -> Any:
        found = write(entry)
        now = time.time_ns()
        for kept in entry.tidings.kept:
            took.append((now - kept.time[kept.time // 1000 % 2 == 1]) / 1e6)
            counted.append(len(kept))
        return found

    store.write = write_and_note  # type: ignore[method-assign]  # a benchmark looks over its shoulder
    return took, counted


if __name__ == "__main__":
    answer = {"latency": latency}[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": {"numpy": np.__version__}}))
