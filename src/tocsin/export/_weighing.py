"""What scoring costs in a process of its own: started for one artifact, it tells its time and memory and ends.

In the process that asks, libraries of training lie in memory, and pools of threads stand in each other's way.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.readings import Readings
from tocsin.engine.pipeline import Pipeline
from tocsin.graph.run import SMALLEST_SPLIT, Runner

BATCH = SMALLEST_SPLIT - 1
"""Windows in the batch that is timed: the most that one thread takes alone."""

READINGS, BATCHES = 2_000, 100
"""What is timed, at most."""

_LEAST, _LONGEST_S = 300, 1.0
"""Readings that are timed at least, and the seconds after which there is an end to more of them."""

_STATUS = Path("/proc/self/status")


def told(path: str) -> dict[str, float | None]:
    """Return what scoring with the artifact at ``path`` costs.

    Returns
    -------
    dict
        ``reading_p50_us`` and ``reading_p99_us``: one reading of one device through the whole pipeline, from the clock
        to the policy. ``window_us``: a window, in batches of 63 through the graph alone. ``memory_bytes``: the most
        memory that the process held while it scored reading by reading; None where the system does not tell.
    """
    artifact = bundle.load(path)
    pipeline, readings = Pipeline(artifact), normal_readings(artifact)
    pipeline.join(["one"])
    for _ in range(artifact.window + _LEAST):
        pipeline.push(next(readings))
    memory = _memory_bytes()
    each = list(_timed(partial(pipeline.push, reading) for reading in readings))
    return {
        "reading_p50_us": float(np.quantile(each, 0.5)),
        "reading_p99_us": float(np.quantile(each, 0.99)),
        "window_us": _window_us(artifact),
        "memory_bytes": memory,
    }


def normal_readings(artifact: Artifact) -> Iterator[Readings]:
    """Yield readings of one device, a period apart: a normal window, forth and back so that nothing jumps."""
    normal = (artifact.sample if len(artifact.sample) else artifact.normal)[0].astype(np.float64)
    rows = np.concatenate([normal, normal[::-1]])
    for k in range(artifact.window + _LEAST + READINGS):
        stamp = np.array([(k + 1) * artifact.clock.period_ns])
        yield Readings(artifact.schema, np.zeros(1, np.int64), stamp, rows[k % len(rows)][None])


def _timed(calls: Iterator[Callable[[], object]]) -> Iterator[float]:
    """Call one after the other; yield how long each took, in microseconds."""
    end = time.perf_counter() + _LONGEST_S
    for done, call in enumerate(calls):
        began = time.perf_counter()
        call()
        ended = time.perf_counter()
        yield 1e6 * (ended - began)
        if done >= _LEAST and ended > end:
            return


def _window_us(artifact: Artifact) -> float:
    runner = Runner(artifact.graph)
    windows = np.ascontiguousarray(np.resize(artifact.normal, (BATCH, artifact.window, len(artifact.schema))))
    runner(windows)
    return float(np.median(list(_timed(partial(runner, windows) for _ in range(BATCHES))))) / BATCH


def _memory_bytes() -> int | None:
    """Return the most memory that this process has held so far, shared libraries among it."""
    if not _STATUS.exists():
        return None
    peak = next(line for line in _STATUS.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return 1024 * int(peak.split()[1])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told(sys.argv[1])))
