"""Small networks on one thread: whole path, graph alone, C and PyTorch, each task in a process of its own.

Called as ``python edge_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact

WARM_UP, BATCH = 100, 63
"""Calls that settle things, and windows in a batch: the most that the runner leaves to one thread."""

KERNEL, BUDGET = 5, 20_000


def make(settings: dict[str, Any]) -> dict[str, Any]:
    """Learn the three networks, no longer than it must be, and write them with their int8 twins and their weights."""
    from speed.material import environment_csv
    from tocsin.sources import open_table
    from tocsin.training.fit import train
    from tocsin.training.recipe import Recipe
    from tocsin.training.smaller.distill import distill
    from tocsin.training.smaller.teaching import Teaching

    folder = Path(settings["folder"])
    environment_csv(folder / "room.csv")
    table = open_table(folder / "room.csv")
    found = {
        name: train(table, Recipe(detector=name, settings={"epochs": 2}))
        for name in ("lstm_autoencoder", "cnn_autoencoder")
    }
    briefly = Teaching(student="cnn_small", budget=BUDGET, windows=4000, epochs=4)
    found["student"] = distill(found["lstm_autoencoder"], table, briefly).artifact
    return {name: _written(folder / name, artifact) for name, artifact in found.items()}


def _written(stem: Path, artifact: Artifact) -> dict[str, Any]:
    from tocsin.export.flop import flop
    from tocsin.export.parameters import parameters
    from tocsin.export.targets.onnx_int8 import OnnxInt8

    bundle.save(artifact, stem.with_suffix(".tocsin"))
    small = stem.with_suffix(".int8.tocsin")
    small.write_bytes(next(iter(OnnxInt8().make(artifact, artifact.sample, name=small.name).files.values())))
    layers = _layers(artifact)
    arrays = {f"{k:02}_{kind}_{j}": each for k, (kind, held) in enumerate(layers) for j, each in enumerate(held)}
    np.savez(stem.with_suffix(".npz"), **arrays)
    return {
        "parameters": parameters(artifact.graph),
        "flop": flop(artifact.graph),
        "graph_bytes": len(artifact.graph),
        "int8_bytes": len(bundle.load(small).graph),
        "window": artifact.window,
    }


def _layers(artifact: Artifact) -> list[tuple[str, list[Any]]]:
    """Return the layers of a graph with their weights as PyTorch keeps them."""
    from tocsin.training.smaller._chain import written_layers

    return [(kind.__name__, arrays) for kind, arrays in written_layers(artifact.graph)]


def path(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds for one reading through the whole pipeline, and the memory that takes.

    Beside what the clock says, what the processor worked: on a machine that is not idle, the last is a reading's own.
    """
    from tocsin.engine.pipeline import Pipeline
    from tocsin.export._weighing import normal_readings, told

    found = told(settings["artifact"])
    artifact = bundle.load(settings["artifact"])
    pipeline, worked = Pipeline(artifact), []
    pipeline.join(["one"])
    for reading in normal_readings(artifact):
        began = time.thread_time()
        pipeline.push(reading)
        worked.append(1e6 * (time.thread_time() - began))
    return {**found, "worked_p99_us": float(np.quantile(worked[WARM_UP + artifact.window :], 0.99))}


def graph(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds for one window, and for a window in a batch, through the graph alone."""
    from tocsin.graph.run import Runner

    artifact = bundle.load(settings["artifact"])
    runner = Runner(artifact.graph)
    given = _windows(artifact)
    return timed(lambda k: runner(given[k : k + 1]), lambda: runner(given[:BATCH]), settings["calls"])


def c(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds for one window in C, compiled with -O2: mean over many, since a call from here costs more.

    Nothing where the target does not know what the graph is made of.
    """
    from tocsin.core.errors import SettingError
    from tocsin.export.targets.c import C

    artifact = bundle.load(settings["artifact"])
    try:
        made, given = C().make(artifact, artifact.sample, name="scored.c"), _windows(artifact)
    except SettingError as refused:
        return {"p50": None, "why": str(refused)}
    took = [_us(lambda: made.score(given)) / len(given) for _ in range(30)]
    return {"p50": float(np.median(took))}


def torch_eager(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds for the same network and its error in PyTorch, as it is trained."""
    import torch

    torch.set_num_threads(1)
    network = _torch_network(settings)
    with np.load(settings["weights"]) as held:
        weights = [torch.from_numpy(held[name]) for name in held.files]
    with torch.no_grad():
        for own, weight in zip(network.parameters(), weights, strict=True):
            own.copy_(weight)
    given = torch.from_numpy(plain_windows(settings["window"]))

    def score(some: Any) -> Any:
        made = network(some)
        return ((some - made) ** 2).mean(dim=(1, 2)) if made.dim() == 3 else made

    with torch.inference_mode():
        answer = timed(lambda k: score(given[k % len(given) :][:1]), lambda: score(given[:BATCH]), settings["calls"])
        answer["made"] = network(given[:1]).flatten()[:8].tolist()
    return {**answer, "versions": {"torch": torch.__version__}}


def _torch_network(settings: dict[str, Any]) -> Any:
    from tocsin.core.discover import load
    from tocsin.training.smaller.student import Shape
    from tocsin.training.smaller.students.cnn_small import CnnSmall

    with np.load(settings["weights"]) as held:
        sizes = [held[name].shape for name in held.files]
    channels = 5
    if settings["network"] != "student":
        return load("detectors", settings["network"])().build(settings["window"], channels).eval()
    shape = Shape(window=settings["window"], columns=sizes[0][1], results=sizes[-1][0])
    return CnnSmall(kernel=KERNEL).build(shape, width=sizes[0][0]).eval()


def plain_windows(length: int, *, columns: int = 5) -> Any:
    """Windows in scaled units, the same on all sides."""
    return np.random.default_rng(0).random((256, length, columns), np.float32)


def _windows(artifact: Artifact) -> Any:
    """Normal windows in raw units, in one piece."""
    return np.ascontiguousarray(np.resize(artifact.sample, (256, *artifact.sample.shape[1:])))


def timed(one: Callable[[int], Any], batch: Callable[[], Any], calls: int) -> dict[str, Any]:
    """Time each call, and batches after them."""
    took = [_us(partial(one, k % 256)) for k in range(calls + WARM_UP)][WARM_UP:]
    p50, p99 = np.percentile(took, [50, 99])
    batches = [_us(batch) / BATCH for _ in range(100)]
    return {"p50": float(p50), "p99": float(p99), "batched": float(np.median(batches))}


def _us(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return 1e6 * (time.perf_counter() - began)


def versions() -> dict[str, str]:
    import onnxruntime

    return {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))
    tasks = {"make": make, "path": path, "graph": graph, "c": c, "torch": torch_eager}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": {**versions(), **answer.get("versions", {})}}))
