"""What training is worth: each network beside its own untrained weights, and what faults put into training change.

python benchmarks/deep.py                           # everything, some ten minutes on one core
python benchmarks/deep.py --only events --seeds 1   # a part of it

Runs are kept, and it goes on where it stopped. Figures go to benchmarks/deep.json, from there to
docs/explanation/deep.md.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError, TocsinError
from tocsin.evaluation.metrics import average_precision, base_rate
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.splits import holdout
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.lab.baselines import NAMES as BASELINES
from tocsin.training.lab.baselines import baseline
from tocsin.training.lab.ledger import Ledger
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/deep.json"
STAGES = ("events", "faults", "cost")

ROWS, SHARE = 4000, 0.06
"""Readings of a table, and share of them in events."""

SUBTLE = ("contextual", "co_deviation")
"""Events that are hardly strange by any single value: it is the time, or the other channels, that give them away."""

GAP = 35
"""Readings between those that are learned from and those that are judged; more where a window is longer."""

SEEDS = 5

SCENARIOS = {"events": ("environment",), "faults": ("environment", "machine")}
SETTINGS: dict[str, dict[str, dict[str, Any]]] = {
    "events": {"trained": {}, "untrained": {"epochs": 0}},
    # every third window, with and without: it is about the difference
    "faults": {"without": {"stride": 3, "augment_faults": 0.0}, "with": {"stride": 3, "augment_faults": 0.3}},
}
"""What each study runs each detector with, by the name of the run."""

COST_ROWS = 6558
"""Readings, of five channels, in the table of costs."""


def main() -> None:
    asked = _arguments()
    ledger = Ledger(asked.output)
    jobs = [job for stage in asked.only for job in _jobs(stage, asked.seeds, asked.detectors)]
    for number, job in enumerate(jobs, start=1):
        if ledger.get(job) is None:
            began = time.process_time()
            ledger.put(job, _result(job))
            told = " ".join(str(value) for value in job.values())
            print(f"{number}/{len(jobs)} {told}: {time.process_time() - began:.0f} s", flush=True)
    known = [(job, ledger.get(job)) for stage in STAGES for job in _jobs(stage, SEEDS, networks())]
    _keep([{**job, **done} for job, done in known if done is not None])
    _write_page()


def _keep(runs: Sequence[Mapping[str, Any]]) -> None:
    """Put runs into the file of results, one a line; what is there of others stays."""
    kept = json.loads(RESULTS.read_text("utf-8"))["runs"] if RESULTS.exists() else []
    found = {_job_of(run): run for run in [*kept, *runs]}
    lines = ",\n".join(json.dumps(found[job]) for job in sorted(found))
    RESULTS.write_text(f'{{"rows": {ROWS}, "share": {SHARE}, "runs": [\n{lines}\n]}}\n', "utf-8")


def _job_of(run: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(run.get(name, "")) for name in ("stage", "scenario", "seed", "detector", "as"))


def networks() -> list[str]:
    """Return the detectors that train a network, and can be left untrained."""
    return [name for name in names("detectors") if _can_be_left_untrained(load("detectors", name))]


def _can_be_left_untrained(kind: type[Any]) -> bool:
    try:
        return "epochs" in {f.name for f in fields(kind)} and bool(kind(epochs=0))
    except SettingError:
        return False


def _redraws(name: str) -> bool:
    return "augment_faults" in {f.name for f in fields(load("detectors", name))}


def _jobs(stage: str, seeds: int, detectors: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield what is to be done, each with all that its result hangs on but the code."""
    if stage == "cost":
        yield from ({"stage": stage, "detector": name} for name in detectors)
        return
    for seed, scenario in product(range(seeds), SCENARIOS[stage]):
        if stage == "events":
            for rule in BASELINES:
                yield {"stage": stage, "scenario": scenario, "seed": seed, "detector": rule, "as": ""}
        for name, how in product(detectors, SETTINGS[stage]):
            if stage == "events" or _redraws(name):
                yield {"stage": stage, "scenario": scenario, "seed": seed, "detector": name, "as": how}


def _result(job: Mapping[str, Any]) -> dict[str, Any]:
    if job["stage"] == "cost":
        return _cost(job["detector"])
    table = _table(job["scenario"], job["seed"], subtle=job["stage"] == "events")
    try:
        outcome = _outcome(job, table)
    except TocsinError as error:
        return {"failure": str(error)}
    kinds = sorted(set(outcome.kind.tolist()) - {""}) if outcome.kind is not None else []
    return {"base": base_rate(outcome.labels), "all": _precision(outcome, kinds)} | {
        kind: _precision(outcome, [kind]) for kind in kinds
    }


def _table(scenario: str, seed: int, *, subtle: bool) -> Table:
    kind = load("training.simulate", scenario)
    own = {"kinds": SUBTLE} if subtle else {}
    made = kind(rows=ROWS, seed=100 + seed, anomaly_share=SHARE, **own)
    return open_table(made.table()).in_time_order()


def _outcome(job: Mapping[str, Any], table: Table) -> Outcome:
    """Learn from the first 60 % of the time, judge the rest; what is judged is the same for all."""
    times = table.readings.time
    if job["detector"] in BASELINES:
        fold = holdout(times, gap=GAP)
        return baseline(job["detector"], table, learn=fold.learn, judged=fold.judged, seed=job["seed"])
    recipe = Recipe(detector=job["detector"], settings=SETTINGS[job["stage"]][job["as"]], seed=job["seed"])
    fold = holdout(times, gap=max(GAP, recipe.readings(recipe.make_detector()) + recipe.hold))
    return run(table, recipe, learn=fold.learn, judged=fold.judged).outcome


def _precision(outcome: Outcome, kinds: list[str]) -> float | None:
    """Return the area under the precision-recall curve for events of these kinds; other events are left out."""
    assert outcome.kind is not None
    kept = outcome.scored & ((outcome.kind == "") | np.isin(outcome.kind, kinds))
    return average_precision(outcome.labels[kept], outcome.score[kept])


def _cost(name: str) -> dict[str, Any]:
    """Return what ``tocsin fit`` takes at the defaults, in seconds of processor time, and what comes out."""
    recipe = Recipe(detector=name)
    kind: Any = load("training.simulate", "environment")
    table = open_table(kind(rows=COST_ROWS).table())
    train(table, Recipe(detector=name, settings={"epochs": 0}))  # what is loaded once counts for nobody
    began = time.process_time()
    artifact = train(table, recipe)
    taken = time.process_time() - began
    return {
        "fit_s": round(taken, 1),
        "epochs": len(artifact.provenance.curves["training_loss"]),
        "window": artifact.window,
        "bytes": len(artifact.graph),
        "parameters": _parameters(recipe.make_detector(), artifact.window, len(artifact.schema)),
    }


def _parameters(detector: Any, window: int, channels: int) -> int | None:
    """Return how many numbers training moves; None where the detector does not show its network."""
    if not hasattr(detector, "build"):
        return None
    shape = (window, channels) if "length" in detector.build.__annotations__ else (channels,)
    moved: int = sum(one.numel() for one in detector.build(*shape).parameters() if one.requires_grad)
    return moved


def _write_page() -> None:
    spec = importlib.util.spec_from_file_location("deep_page", ROOT / "docs/deep.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write()


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--only", nargs="+", choices=STAGES, default=list(STAGES), help="some studies alone")
    given.add_argument("--seeds", type=int, default=SEEDS, help="tables of each scenario, with a seed each")
    given.add_argument("--detectors", nargs="+", choices=networks(), default=networks(), help="some detectors alone")
    given.add_argument("--output", type=Path, default=ROOT / "build/deep", help="where runs are kept")
    return given.parse_args()


if __name__ == "__main__":
    main()
