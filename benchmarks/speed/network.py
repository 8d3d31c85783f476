"""The reference network in tocsin and in Keras: batches, single readings, training."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from speed.children import Variant, interleaved, median
from speed.line import Line
from speed.material import CHANNELS, WINDOW

Course = Sequence[tuple[float, float]]
"""Seconds since the start and validation loss, epoch by epoch."""

BOLD = "batch 64, learning rate 3e-3"
BOLDER = {"batch_size": 64, "learning_rate": 3e-3}
"""Settings that learn faster than the defaults, which are the published ones."""

_LAYERS = ((len(CHANNELS), 64), (64, 32), (32, 32), (32, 64))
"""Inputs and units of the four LSTM layers."""


@dataclass(frozen=True)
class Sides:
    """The two Pythons and where the material lies."""

    keras: str
    folder: Path

    def ours(self, task: str, **settings: Any) -> Variant:
        return Variant("tocsin", sys.executable, "tocsin_side.py", task, settings)

    def theirs(self, name: str, task: str, **settings: Any) -> Variant:
        return Variant(name, self.keras, "keras_side.py", task, settings)


def flop_per_window() -> int:
    """Return multiplications and additions of the network's matrix products, 1.26 million."""
    recurrent = sum(4 * units * (inputs + units) for inputs, units in _LAYERS)
    return 2 * WINDOW * (recurrent + 64 * len(CHANNELS))


def batch(sides: Sides, *, windows: Sequence[int], repeats: int) -> tuple[list[Line], dict[str, Any]]:
    """Windows a second beside Keras at its default batch size and at a good one, and beside what the machine allows."""
    default, large = "Keras, batch 32", "Keras, batch 2048"
    found = interleaved(
        [
            sides.ours("batch", graph=str(sides.folder / "network.onnx"), windows=list(windows)),
            sides.theirs(default, "batch", windows=list(windows), batch_size=32),
            sides.theirs(large, "batch", windows=list(windows), batch_size=2048),
            Variant("product", sys.executable, "tocsin_side.py", "product", {"size": 2048, "products": 15}),
        ],
        repeats,
    )
    bound = median(found["product"], "flops") / flop_per_window()
    lines = []
    for rows in windows:
        ours, what = median(found["tocsin"], str(rows)), f"{rows:,} windows"
        for name, aim in ((default, 5.0), (large, None)):
            theirs = median(found[name], str(rows))
            lines.append(Line("batch", what, ours, "windows/s", name, theirs, ours / theirs, aim))
        lines.append(Line("batch", what, ours, "windows/s", "bound", bound, ours / bound, 0.45))
    return lines, found


def latency(sides: Sides, *, repeats: int, calls: int = 2000) -> tuple[list[Line], dict[str, Any]]:
    """Milliseconds for one reading through prepare, graph, threshold and policy; Keras only runs its network."""
    found = interleaved(
        [
            sides.ours("latency", artifact=str(sides.folder / "room.tocsin"), calls=calls),
            sides.theirs("Keras", "latency", predict_calls=60, function_calls=1000),
        ],
        repeats,
    )
    lines = []
    for quantile in ("p50", "p95"):
        ours = median(found["tocsin"], f"push_{quantile}")
        for name, key, aim in (("Keras predict", "predict", 100.0), ("tf.function", "function", None)):
            theirs = median(found["Keras"], f"{key}_{quantile}")
            goal = aim if quantile == "p50" else None
            lines.append(Line("one reading", f"whole path, {quantile}", ours, "ms", name, theirs, theirs / ours, goal))
    alone = median(found["tocsin"], "graph_p50")
    theirs = median(found["Keras"], "function_p50")
    lines.append(Line("one reading", "graph alone, p50", alone, "ms", "tf.function", theirs, theirs / alone))
    return lines, found


def training(sides: Sides, *, epochs: int, repeats: int) -> tuple[list[Line], dict[str, Any]]:
    """Seconds until each side's validation loss is as low as Keras' best after so many epochs; the same split."""
    file, graph = str(sides.folder / "training.npz"), str(sides.folder / "network.onnx")
    found: dict[str, list[dict[str, Any]]] = {"tocsin": [], BOLD: [], "Keras": []}
    for seed in range(repeats):
        ours = sides.ours("train", file=file, epochs=4 * epochs, seed=seed, graph=graph)
        bold = sides.ours("train", file=file, epochs=4 * epochs, seed=seed, choices=BOLDER)
        sided = [sides.theirs("Keras", "train", file=file, epochs=epochs, seed=seed), ours, replace(bold, name=BOLD)]
        for name, runs in interleaved(sided, 1).items():
            found[name] += runs
    stages = sorted({min(stage, epochs) for stage in (5, 10, 20, 50)})
    return [_race(found, name, stage) for name in ("tocsin", BOLD) for stage in stages], found


def _race(found: dict[str, list[dict[str, Any]]], name: str, epochs: int) -> Line:
    ours, theirs = [], []
    for own, other in zip(found[name], found["Keras"], strict=True):
        target = min(loss for _, loss in other["course"][:epochs])
        ours.append({"s": seconds_to(target, own["course"])})
        theirs.append({"s": seconds_to(target, other["course"])})
    mine, keras = median(ours, "s"), median(theirs, "s")
    how = "" if name == "tocsin" else f", {name}"
    return Line(
        "training", f"to Keras' best loss in {epochs} epochs{how}", mine, "s", "Keras", keras, keras / mine, 4.0
    )


def seconds_to(target: float, course: Course) -> float:
    """Return when the loss first was at ``target`` or below; infinity if it never was."""
    return next((seconds for seconds, loss in course if loss <= target), float("inf"))
