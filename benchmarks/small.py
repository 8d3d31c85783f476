"""What smaller artifacts are worth: 8 bits, students, pruned networks and C, each beside what it was made from.

python benchmarks/small.py --data DIR                        # everything, some half an hour on a core
python benchmarks/small.py --only c                          # a part of it; what is there of the others stays
python benchmarks/run.py --only edge && python benchmarks/small.py --only beside

DIR holds the benchmarks' files, each in the folder that docs/how-to/benchmarks.md names; sets that are not there are
told and left out. "beside" takes over what run.py measured beside LiteRT and PyTorch. Figures go to
benchmarks/small.json, from there to docs/explanation/small.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.discover import load
from tocsin.core.errors import InputError, TocsinError
from tocsin.engine.normal_windows import normal_windows
from tocsin.engine.outcomes import outcome_of
from tocsin.engine.scorer import Scorer
from tocsin.export.detection import agreement_of, detection_of, scored_by
from tocsin.export.export import export
from tocsin.export.flop import flop
from tocsin.export.footprint import costs
from tocsin.export.parameters import parameters
from tocsin.export.starting import starting_limit
from tocsin.export.targets.c import C
from tocsin.export.targets.c_int8 import CInt8
from tocsin.export.targets.onnx_int8 import OnnxInt8
from tocsin.graph.run import Runner
from tocsin.sources import Table, open_table
from tocsin.training.benchmark import Case
from tocsin.training.benchmark._frozen import frozen_facts
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.training.smaller.distill import distill
from tocsin.training.smaller.prune import Pruning, pruned
from tocsin.training.smaller.teaching import Teaching

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/small.json"

TIMED = "environment/7"
"""The case whose artifacts are timed, too."""

CASES: dict[str, tuple[str, ...] | None] = {
    "simulated": (TIMED, "machine/7"),
    "occupancy": None,
    "skab": None,
    "wsn": None,
}
"""Sets, and which of their cases; the first where none is named."""

LARGE = {
    "lstm_autoencoder": Recipe(detector="lstm_autoencoder", settings={"epochs": 12}),
    "cnn_autoencoder": Recipe(detector="cnn_autoencoder"),
    "auto": Recipe(),
}
STUDENTS = {"student of lstm_autoencoder": "lstm_autoencoder", "student of auto": "auto"}
TEACHING = Teaching(budget=20_000, windows=20_000, epochs=30)
IN_C = ("rolling_zscore", "pca", "kmeans", "autoencoder", "cnn_autoencoder")
PRUNED = {"autoencoder": (3, 5, 7), "cnn_autoencoder": (3, 5, 7)}
"""Detectors, and the seeds of the rooms that they learn; each is judged on the room of the next seed."""


def cases(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Yield for each case of a labelled set what large artifacts, their int8 twins and students are worth on it."""
    for name in asked.sets:
        wanted = CASES[name]
        benchmark = load("training.benchmark", name)()
        try:
            found = list(benchmark.cases(benchmark.find(asked.data)))
        except InputError as error:
            print(f"{name}: left out. {error}", flush=True)
            continue
        for case in found if wanted else found[:1]:
            if wanted is None or case.name in wanted:
                yield f"{name} {case.name}", _worth(case, timed=case.name == TIMED)


def _worth(case: Case, *, timed: bool) -> list[dict[str, Any]]:
    table = case.table if case.normal_only else replace(case.table, labels=case.labels & ~case.learn)
    learned = table.only(case.learn)
    made = {name: train(learned, recipe) for name, recipe in LARGE.items()}
    rows = [_row(case, name, artifact, timed=timed) for name, artifact in made.items()]
    for name, teacher in STUDENTS.items():
        small = distill(made[teacher], learned, TEACHING).artifact
        rows.append(_row(case, name, small, of=made[teacher], timed=timed))
        made[name] = small
    for name in (each for each in made if each != "auto"):
        given = normal_windows(made[name], learned)
        rows.append(_rounded(case, f"{name}, int8", made[name], normal=None, timed=timed))
        rows.append(_rounded(case, f"{name}, int8, readings given", made[name], normal=given, timed=False))
    return rows


def _rounded(case: Case, name: str, artifact: Artifact, *, normal: Any, timed: bool) -> dict[str, Any]:
    """Return a row for the int8 twin, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edge.tocsin"
        try:
            export(artifact, OnnxInt8(), path, normal=normal)
        except TocsinError as refused:
            return {"name": name, "refused": str(refused)}
        return _row(case, name, bundle.load(path), of=artifact, timed=timed)


def _row(case: Case, name: str, artifact: Artifact, *, of: Artifact | None = None, timed: bool) -> dict[str, Any]:
    print(f"  {case.name}: {name}", flush=True)
    scored = Scorer(artifact).judge(case.table)
    facts = frozen_facts(case, outcome_of(scored))
    told = {key: facts[key] for key in ("vus_pr", "events", "caught", "false_alarms")}
    if of is not None:
        own, other = (each.verdicts.take(case.judged) for each in (scored, Scorer(of).judge(case.table)))
        told |= {"agreement": agreement_of(own, other), "readings": int(np.count_nonzero(case.judged))}
    return {"name": name, **_sizes(artifact, timed=timed), **told}


def _sizes(artifact: Artifact, *, timed: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.tocsin"
        bundle.save(artifact, path)
        told = {
            "parameters": parameters(artifact.graph),
            "flop": flop(artifact.graph),
            "graph_bytes": len(artifact.graph),
            "file_bytes": path.stat().st_size,
        }
        return told | (costs(path) if timed else {})


def prunings(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:  # noqa: ARG001  # as the other parts
    """Yield for each detector what a network, the same pruned, and a small one from scratch detect in each room."""
    for detector, seeds in PRUNED.items():
        yield detector, [_pruned(detector, seed) for seed in seeds]


def _pruned(detector: str, seed: int) -> dict[str, Any]:
    print(f"  {detector}: room {seed}", flush=True)
    table, later = (open_table(Environment(rows=6000, seed=each).table()) for each in (seed, seed + 1))
    large = train(table, Recipe(detector=detector))
    small = pruned(large, table, Pruning(keep=0.5))
    scratch = train(table, Recipe(detector=detector, settings=dict(small.provenance.settings)))
    return {"seed": seed} | {
        name: _detected(one, later, large) for name, one in (("large", large), ("pruned", small), ("scratch", scratch))
    }


def _detected(artifact: Artifact, later: Table, large: Artifact) -> dict[str, Any]:
    scored = scored_by(artifact, later)
    found = detection_of(scored)
    assert found is not None
    return {
        "parameters": parameters(artifact.graph),
        "vus_pr": found.vus_pr,
        "agreement": agreement_of(scored.verdicts, scored_by(large, later).verdicts),
    }


def in_c(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:  # noqa: ARG001  # as the other parts
    """Yield for each detector what its C takes on a microcontroller, and how far its scores are from the artifact's."""
    table, later = (open_table(Environment(rows=6000, seed=seed).table()) for seed in (7, 8))
    values = later.readings.values.astype(np.float32)
    for detector in IN_C:
        print(f"  {detector}", flush=True)
        artifact = train(table, Recipe(detector=detector))
        windows = np.lib.stride_tricks.sliding_window_view(values, artifact.window, axis=0).transpose(0, 2, 1)
        yield (
            detector,
            {target: _compiled(artifact, each, windows) for target, each in (("c", C()), ("c-int8", CInt8()))},
        )


def _compiled(artifact: Artifact, target: C | CInt8, windows: Any) -> dict[str, Any]:
    try:
        made = target.make(artifact, artifact.sample, name="alarm.c")
    except TocsinError as refused:
        return {"refused": str(refused)}
    given, limit = np.ascontiguousarray(windows), starting_limit(artifact)
    own, other = Runner(artifact.graph)(given).score, made.score(given).score
    apart = np.max(np.abs(own - other) / np.maximum(np.abs(own), limit))
    agreement = np.mean((own > limit) == (other > limit))
    return {"facts": dict(made.facts), "apart": float(apart), "agreement": float(agreement), "windows": len(given)}


def beside(asked: argparse.Namespace) -> Iterator[tuple[str, Any]]:
    """Yield the lines that run.py measured beside LiteRT and PyTorch."""
    found = json.loads(asked.speed.read_text("utf-8"))
    if "edge" not in found["runs"]:
        raise SystemExit(f"{asked.speed} holds nothing of small machines: python benchmarks/run.py --only edge")
    yield "machine", found["machine"]
    yield "load", found["load"]
    yield "lines", found["lines"]


PARTS: dict[str, Callable[[argparse.Namespace], Iterator[tuple[str, Any]]]] = {
    "cases": cases,
    "pruned": prunings,
    "c": in_c,
    "beside": beside,
}


def main() -> None:
    asked = _arguments()
    for part in asked.only:
        began = time.monotonic()
        for name, found in PARTS[part](asked):
            _keep(part, name, found)
            print(f"{part}: {name} done, {time.monotonic() - began:.0f} s", flush=True)
    subprocess.run([sys.executable, str(ROOT / "docs/small.py")], check=True)


def _keep(part: str, name: str, found: Any) -> None:
    """Put one result into the file; what is there of others stays."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    before.setdefault(part, {})[name] = found
    RESULTS.write_text(json.dumps(before, indent=1) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, default=ROOT / "data", help="folder with the benchmarks' folders")
    given.add_argument("--only", nargs="+", choices=PARTS, default=("cases", "pruned", "c"), help="some parts alone")
    given.add_argument("--sets", nargs="+", choices=CASES, default=tuple(CASES), help="for cases, some sets alone")
    given.add_argument("--speed", type=Path, default=ROOT / "benchmarks/latest.json", help="what run.py measured")
    return given.parse_args()


if __name__ == "__main__":
    main()
