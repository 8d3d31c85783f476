"""The same network in tocsin, and the machine's matrix-product speed, each task in a process of its own.

Called as ``python tocsin_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

WINDOW, CHANNELS = 10, 5


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
    """Seconds since the start and validation loss after every epoch, at tocsin's own batch size."""
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
        graph = LSTMAutoencoder(epochs=settings["epochs"], patience=0).fit(given, seed=settings["seed"])
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
    tasks = {"batch": batch, "product": product, "train": train}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": versions()}))
