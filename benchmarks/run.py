"""Measures how fast tocsin is, beside Keras running the same network in the same run; prints a table, writes JSON.

Keras needs an environment of its own: name its Python with --keras-python or TOCSIN_KERAS_PYTHON; otherwise one is made
in .venv-keras. River goes there, too, unless it is here. Close other programs first, and trust ratios more than
figures.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from speed import children, material
from speed.edge import edge
from speed.line import Line
from speed.machine import describe, load
from speed.network import Sides, batch, latency, training
from speed.scoring import scoring
from speed.service import service
from speed.startup import startup, tocsin
from speed.stream import Pythons, stream
from speed.table import show
from speed.verdicts import verdicts
from speed.vus import vus

HERE = Path(__file__).parent
GROUPS = ("start", "training", "batch", "latency", "score", "verdict", "vus", "stream", "service", "edge")
TENSORFLOW, RIVER, LITERT = "tensorflow==2.21.0", "river==0.26.1", "ai-edge-litert==2.3.0"


def main() -> None:
    asked = _arguments()
    busy = load()
    with tempfile.TemporaryDirectory() as scratch:
        lines, raw = _measure(asked, Path(scratch))
    machine = describe(_versions(raw))
    show(lines, machine)
    if busy is not None and busy > 0.5:
        print(f"The machine was not idle (load {busy:.1f}): trust the ratios, not the figures.")
    found = {"machine": machine, "load": busy, "lines": [vars(line) | {"met": line.met} for line in lines], "runs": raw}
    asked.output.write_text(json.dumps(found, indent=1))


def _measure(asked: argparse.Namespace, folder: Path) -> tuple[list[Line], dict[str, Any]]:
    lines: list[Line] = []
    raw: dict[str, Any] = {}
    needs_keras = {"training", "batch", "latency", "stream", "edge"} & set(asked.only)
    sides = Sides(_keras(asked.keras_python) if needs_keras else "", folder)
    if "start" in asked.only:
        lines += startup(2 * asked.repeats + 1)
    if {"training", "batch", "latency"} & set(asked.only):
        material.training_windows(folder / "training.npz")
    if "training" in asked.only:
        more, raw["training"] = training(sides, epochs=asked.epochs, repeats=asked.training_repeats)
        lines += more
    if "batch" in asked.only:
        _ready_graph(sides)
        more, raw["batch"] = batch(sides, windows=asked.windows, repeats=asked.repeats)
        lines += more
    if "latency" in asked.only:
        _ready_artifact(folder)
        more, raw["latency"] = latency(sides, repeats=asked.repeats)
        lines += more
    if "score" in asked.only:
        more, raw["score"] = scoring(folder, rows=asked.rows, detector=asked.detector, repeats=asked.repeats)
        lines += more
    if "verdict" in asked.only:
        more, raw["verdict"] = verdicts(repeats=asked.repeats)
        lines += more
    if "vus" in asked.only:
        more, raw["vus"] = vus(repeats=asked.repeats)
        lines += more
    if "stream" in asked.only:
        pythons = Pythons(sides.keras, _river(asked.river_python, sides.keras))
        more, raw["stream"] = stream(pythons, folder, repeats=asked.repeats, share=asked.share)
        lines += more
    if "service" in asked.only:
        more, raw["service"] = service(folder, repeats=asked.repeats, share=asked.share)
        lines += more
    if "edge" in asked.only:
        _with(LITERT, "ai_edge_litert", sides.keras)
        more, raw["edge"] = edge(sides, repeats=asked.repeats)
        lines += more
    return lines, raw


def _ready_graph(sides: Sides) -> None:
    """Speed does not depend on the weights: one epoch will do where nothing was trained before."""
    graph = sides.folder / "network.onnx"
    if not graph.exists():
        file = str(sides.folder / "training.npz")
        children.run(sides.ours("train", file=file, epochs=1, seed=0, graph=str(graph)))


def _ready_artifact(folder: Path) -> None:
    children.say("latency: an artifact to push readings through")
    material.environment_csv(folder / "room.csv")
    learn = [tocsin(), "fit", str(folder / "room.csv"), "-o", str(folder / "room.tocsin")]
    learn += ["--detector", "lstm_autoencoder", "--set", "epochs=2"]
    children.watched(learn)


def _keras(given: str | None) -> str:
    """Return a Python that has TensorFlow; make an environment for it where none is given."""
    if given:
        return given
    home = HERE.parent / ".venv-keras"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        children.say(f"making {home} with {TENSORFLOW}: once, some minutes")
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", TENSORFLOW], check=True)
    return str(python)


def _river(given: str | None, keras: str) -> str:
    """Return a Python that has River: the one named, this one, or Keras', where it is installed if it must be."""
    if given or find_spec("river"):
        return given or sys.executable
    _with(RIVER, "river", keras)
    return keras


def _with(package: str, module: str, python: str) -> None:
    """Install a package beside Keras where it is not there yet."""
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False).returncode:
        children.say(f"installing {package} beside Keras")
        subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)


def _versions(raw: dict[str, Any]) -> dict[str, str]:
    """Return the versions that the children reported."""
    found: dict[str, str] = {}
    for group in ("training", "batch", "latency", "verdict", "vus", "stream", "service", "edge"):
        for runs in raw.get(group, {}).values():
            found |= runs[0].get("versions", {})
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--keras-python", default=os.environ.get("TOCSIN_KERAS_PYTHON"), help="a Python with TensorFlow"
    )
    parser.add_argument("--river-python", help="a Python with River")
    parser.add_argument("--share", type=float, default=1.0, help="of the readings and seconds of streams and services")
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS, help="groups to measure")
    parser.add_argument("--repeats", type=int, default=3, help="interleaved runs of each variant")
    parser.add_argument("--training-repeats", type=int, default=1, help="trainings of each side, with different seeds")
    parser.add_argument("--epochs", type=int, default=50, help="epochs that Keras trains")
    parser.add_argument("--windows", type=int, nargs="+", default=[10_000, 100_000], help="windows in a batch")
    parser.add_argument("--rows", type=int, nargs="+", default=[100_000, 300_000, 1_000_000], help="rows to score")
    parser.add_argument("--detector", default="lstm_autoencoder", help="detector for scoring files")
    parser.add_argument("--output", type=Path, default=HERE / "latest.json", help="where the JSON goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
