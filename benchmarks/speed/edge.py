"""Small networks on one thread, as an edge box runs them, beside LiteRT and PyTorch running the same weights."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from speed.children import Variant, interleaved, median, run, say
from speed.line import Line
from speed.network import Sides

NETWORKS = {"lstm_autoencoder": "LSTM autoencoder", "cnn_autoencoder": "CNN autoencoder", "student": "CNN student"}
ALIKE = 1e-4
"""How far what two runtimes make of a window may be apart, in scaled units, for their network to be the same."""

Runs = Mapping[str, list[dict[str, Any]]]


def edge(sides: Sides, *, repeats: int, calls: int = 2000) -> tuple[list[Line], dict[str, Any]]:
    """Measure each network: whole path, graph alone, int8, C; memory, bytes, FLOP."""
    say("edge: three networks to run")
    made = run(Variant("networks", sys.executable, "edge_side.py", "make", {"folder": str(sides.folder)}))
    lines: list[Line] = []
    raw: dict[str, Any] = {}
    for name, title in NETWORKS.items():
        found = interleaved(list(_variants(sides, name, made[name], calls)), repeats)
        _must_be_the_same(title, found)
        lines += _lines(title, made[name], found)
        raw |= {f"{name}: {variant}": runs for variant, runs in found.items()}
    return lines, {"networks": [made], **raw}


def _variants(sides: Sides, name: str, made: Mapping[str, Any], calls: int) -> Iterator[Variant]:
    stem = sides.folder / name
    whole, small = str(stem.with_suffix(".tocsin")), str(stem.with_suffix(".int8.tocsin"))
    plain = {"weights": str(stem.with_suffix(".npz")), "window": made["window"], "network": name, "calls": calls}

    def ours(variant: str, task: str, settings: Mapping[str, Any]) -> Variant:
        return Variant(variant, sys.executable, "edge_side.py", task, settings)

    def lite(variant: str, *, int8: bool) -> Variant:
        return Variant(variant, sides.keras, "edge_lite_side.py", "lite", {**plain, "int8": int8})

    yield ours("path", "path", {"artifact": whole})
    yield ours("graph", "graph", {"artifact": whole, "calls": calls})
    yield lite("LiteRT", int8=False)
    yield ours("PyTorch", "torch", plain)
    yield ours("int8 path", "path", {"artifact": small})
    yield ours("int8 graph", "graph", {"artifact": small, "calls": calls})
    yield lite("LiteRT int8", int8=True)
    yield ours("C", "c", {"artifact": whole})


def _must_be_the_same(title: str, found: Runs) -> None:
    """Stop unless LiteRT and PyTorch make the same of the same window."""
    apart = np.max(np.abs(np.subtract(found["LiteRT"][0]["made"], found["PyTorch"][0]["made"])))
    if not apart < ALIKE:
        raise SystemExit(f"{title}: LiteRT and PyTorch do not run the same network, they are {apart:.2g} apart")


def _lines(title: str, made: Mapping[str, Any], found: Runs) -> list[Line]:
    lines = _whole_path(title, found)
    lines += _against(title, "graph alone, p50", found, "graph", ("LiteRT", "PyTorch"))
    lines += _against(title, "int8 graph alone, p50", found, "int8 graph", ("LiteRT int8", "graph"))
    if found["C"][0]["p50"] is not None:
        lines += _against(title, "C, -O2, a window", found, "C", ("LiteRT", "graph"))
    return [*lines, *_sizes(title, made, found)]


def _whole_path(title: str, found: Runs) -> list[Line]:
    lines = []
    for variant, what in (("path", "one reading, whole path"), ("int8 path", "the same in int8")):
        p50, p99 = (median(found[variant], f"reading_{quantile}_us") for quantile in ("p50", "p99"))
        lines.append(Line(title, f"{what}, p50", p50, "µs"))
        lines.append(Line(title, f"{what}, p99", p99, "µs", aim=1000.0, judged="value", lower_is_better=True))
        worked = median(found[variant], "worked_p99_us")
        lines.append(Line(title, f"{what}, processor time, p99", worked, "µs"))
    return lines


def _against(title: str, what: str, found: Runs, own: str, others: Sequence[str]) -> list[Line]:
    ours = median(found[own], "p50")
    lines = []
    for other in others:
        theirs = median(found[other], "p50")
        name = "float graph" if other == "graph" else other
        lines.append(Line(title, what, ours, "µs", name, theirs, theirs / ours))
    return lines


def _sizes(title: str, made: Mapping[str, Any], found: Runs) -> list[Line]:
    batched, theirs = median(found["graph"], "batched"), median(found["PyTorch"], "batched")
    memory = median(found["path"], "memory_bytes") / 1e6
    size, small = made["graph_bytes"] / 1e3, made["int8_bytes"] / 1e3
    lite = median(found["LiteRT int8"], "bytes") / 1e3
    return [
        Line(title, "a window in batches of 63", batched, "µs", "PyTorch", theirs, theirs / batched),
        Line(title, "memory of the process", memory, "MB", aim=120.0, judged="value", lower_is_better=True),
        Line(title, "graph", size, "kB"),
        Line(title, "int8 graph", small, "kB", "float graph", size, size / small, 3.0),
        Line(title, "int8 graph", small, "kB", "LiteRT int8", lite, lite / small),
        Line(title, "parameters", made["parameters"], ""),
        Line(title, "FLOP a reading", made["flop"] / 1e3, "kFLOP"),
        Line(title, "reached by the graph in batches", made["flop"] / batched / 1e3, "GFLOP/s"),
    ]
