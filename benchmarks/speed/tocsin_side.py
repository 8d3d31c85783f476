"""The same network in tocsin, and the machine's matrix-product speed, each task in a process of its own.

Called as ``python tocsin_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

WINDOW, CHANNELS = 10, 5
WARM_UP = 50


def batch(settings: dict[str, Any]) -> dict[str, Any]:
    """Windows a second from the runner, for each number of windows asked for."""
    from tocsin.graph.run import Runner

    runner = Runner(Path(settings["graph"]).read_bytes())
    runner(windows(4096))
    answer = {}
    for rows in settings["windows"]:
        given = windows(rows)
        started = time.perf_counter()
        runner(given)
        answer[str(rows)] = rows / (time.perf_counter() - started)
    return answer


def windows(rows: int) -> Any:
    return np.random.default_rng(0).random((rows, WINDOW, CHANNELS), np.float32)


def latency(settings: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds for one reading of one device: the whole way to its verdict, and the graph alone."""
    from tocsin.artifact.bundle import load
    from tocsin.core.readings import Readings
    from tocsin.engine.pipeline import Pipeline
    from tocsin.graph.run import Runner

    artifact, rows = load(settings["artifact"]), settings["calls"] + WARM_UP
    pipeline, runner, given = Pipeline(artifact), Runner(artifact.graph), windows(rows)
    pipeline.join(["room-1"])
    values = np.random.default_rng(0).normal(artifact.reference, 0.01, (rows, CHANNELS))
    time_ns = np.arange(rows) * artifact.clock.period_ns
    whole = Readings(artifact.schema, np.zeros(rows, np.int64), time_ns, values)
    came = [whole.take(slice(k, k + 1)) for k in range(rows)]
    answer = timed("push", lambda k: pipeline.push(came[k]).score[0], rows)
    return {**answer, **timed("graph", lambda k: runner(given[k : k + 1]).score[0], rows)}


def timed(name: str, score: Callable[[int], float], rows: int) -> dict[str, float]:
    """Time every call but the first few, which fill the window; each later one must give a score."""
    took = []
    for k in range(rows):
        started = time.perf_counter()
        found = score(k)
        took.append(1000 * (time.perf_counter() - started))
        assert k < WARM_UP or np.isfinite(found), f"call {k} of {name} gave no score"
    p50, p95 = np.percentile(took[WARM_UP:], [50, 95])
    return {f"{name}_p50": float(p50), f"{name}_p95": float(p95)}


def product(settings: dict[str, Any]) -> dict[str, Any]:
    """FLOP a second of a float32 matrix product on all cores: what no network of dense products can exceed."""
    size = settings["size"]
    left = np.random.default_rng(0).random((size, size), np.float32)
    right, took = left.T.copy(), []
    for _ in range(settings["products"] + 2):
        started = time.perf_counter()
        left @ right
        took.append(time.perf_counter() - started)
    return {"flops": 2 * size**3 / float(np.median(took[2:]))}


def train(settings: dict[str, Any]) -> dict[str, Any]:
    """Seconds since the start and validation loss after every epoch, with the ``choices`` given."""
    import torch  # noqa: F401  # loading it is no part of the training, on neither side

    from tocsin.core.progress import listening
    from tocsin.core.windows import Windows
    from tocsin.detectors.lstm_autoencoder import LSTMAutoencoder

    with np.load(settings["file"]) as held:
        series, length = held["series"], int(held["length"])
        later = Windows(series, held["validation_end"], length)
        given = Windows(series, held["training_end"], length, validation=later)
    seconds: list[float] = []
    started = time.perf_counter()
    with listening(lambda *_: seconds.append(time.perf_counter() - started)):
        graph = LSTMAutoencoder(epochs=settings["epochs"], patience=0, **settings.get("choices", {})).fit(
            given, seed=settings["seed"]
        )
    if "graph" in settings:
        Path(settings["graph"]).write_bytes(graph.onnx)
    losses = graph.curves["validation_loss"]
    return {"course": list(zip(seconds, losses, strict=True))}


def versions() -> dict[str, str]:
    import onnxruntime

    loaded = sys.modules.get("torch")
    return {
        "numpy": np.__version__,
        "onnxruntime": onnxruntime.__version__,
        **({"torch": loaded.__version__} if loaded else {}),
    }


if __name__ == "__main__":
    tasks = {"batch": batch, "latency": latency, "product": product, "train": train}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": versions()}))
