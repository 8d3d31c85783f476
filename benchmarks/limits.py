"""What thresholds promise and what comes out: on every labelled set, each on the same graph and the same reference.

python benchmarks/limits.py --data DIR --jobs 2                  # everything, some minutes on two cores
python benchmarks/limits.py --data DIR --only skab --cases 3     # a few cases: to see that it works; nothing is written

For each case of a benchmark one detector learns once, from the readings and by the split of that benchmark; of its
normal readings the last part is kept as the reference of all thresholds alike, as large as the greediest of them asks
for. Each then judges the later readings. DIR holds the benchmarks' files, each in the folder that
docs/how-to/benchmarks.md names; what is not there is told and left out. Runs are kept, and it goes on where it stopped.
Figures go to benchmarks/limits.json, from there to docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from promised import FACTOR, PROMISES, RATE, Promise, summed, told_of

from tocsin.core.discover import load, names
from tocsin.core.errors import InputError
from tocsin.training.benchmark import Benchmark, Case
from tocsin.training.lab.ledger import Ledger
from tocsin.training.lab.pool import spread

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks/limits.json"

SETS = ("skab", "nab", "smap_msl", "wsn", "ton_iot", "ims", "occupancy", "ai4i2020", "simulated")

DETECTOR = "ensemble"
"""The same on every set: on some, ``auto`` would let another stand in for it."""


@dataclass(frozen=True, eq=False)
class Shared:
    """What the runs of one set have in common."""

    benchmark: Benchmark
    cases: tuple[Case, ...]
    detector: str
    promises: tuple[Promise, ...]
    folder: Path


@dataclass(frozen=True)
class Job:
    """One case, by number."""

    case: int
    name: str

    def __str__(self) -> str:
        return self.name


def main() -> None:
    asked = _arguments()
    found: dict[str, Any] = {}
    for name in asked.only:
        began = time.monotonic()
        try:
            found[name] = _of_set(name, asked)
            print(f"{name}: done, {time.monotonic() - began:.0f} s", flush=True)
        except InputError as error:
            print(f"{name}: left out. {error}", flush=True)
    if asked.cases is not None:
        print(json.dumps(found, indent=1))
    else:
        _keep(asked.detector, found)
        subprocess.run([sys.executable, str(ROOT / "docs/benchmarks.py")], check=True)


def _of_set(name: str, asked: argparse.Namespace) -> dict[str, Any]:
    """Return a row for each promise on one benchmark."""
    benchmark = load("training.benchmark", name)()
    cases = tuple(islice(benchmark.cases(benchmark.find(asked.data)), asked.cases))
    shared = Shared(benchmark, cases, asked.detector, promises(), asked.output)
    jobs = [Job(k, f"{name} {case.name}") for k, case in enumerate(cases)]
    ledger = Ledger(asked.output)
    waiting = [job for job in jobs if ledger.get(_key(shared, job)) is None]
    for done, (job, failure) in enumerate(spread(_work, waiting, shared=shared, jobs=asked.jobs, what=name), 1):
        print(f"{done}/{len(waiting)} {job}{failure and f': failed, and left out. {failure}'}", flush=True)
    told = [one for job in jobs if (one := ledger.get(_key(shared, job))) is not None]
    return {
        "cases": len(told),
        "failed": len(jobs) - len(told),
        "reference": float(np.median([one["reference"] for one in told])),
        "window": float(np.median([one["window"] for one in told])),
        "row_clock": all(one["row_clock"] for one in told),
        "rows": {each.name: summed([one["promises"][each.name] for one in told]) for each in shared.promises},
    }


def promises() -> tuple[Promise, ...]:
    """Return the promises whose threshold there is."""
    known = names("thresholds")
    return tuple(each for each in PROMISES if each.threshold in known)


def _key(shared: Shared, job: Job) -> dict[str, Any]:
    written = [each.written for each in shared.promises]
    return {"case": job.name, "detector": shared.detector, "promises": written}


def _work(shared: Shared, job: Job) -> str:
    """Train once, judge with every threshold, and keep what came of it; return why it failed, or ""."""
    try:
        found = told_of(shared.benchmark, shared.cases[job.case], detector=shared.detector, asked=shared.promises)
    except InputError as error:
        return str(error)
    Ledger(shared.folder).put(_key(shared, job), found)
    return ""


def _keep(detector: str, found: dict[str, Any]) -> None:
    """Put sets into the file of results, one row a line; what is there of others stays."""
    before = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {"detectors": {}}
    sets = before["detectors"].get(detector, {}) | found
    before["detectors"][detector] = {name: sets[name] for name in SETS if name in sets}
    told = json.dumps({"rate": RATE, "factor": FACTOR, "detectors": before["detectors"]}, indent=1)
    RESULTS.write_text(told + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True, help="folder with the benchmarks' folders")
    given.add_argument("--only", nargs="+", choices=SETS, default=SETS, help="some sets alone")
    given.add_argument("--detector", choices=names("detectors"), default=DETECTOR, help="who learns")
    given.add_argument("--cases", type=int, help="so many cases of each set, and nothing is written but to the screen")
    given.add_argument("--jobs", type=int, default=1, help="processes side by side")
    given.add_argument("--output", type=Path, default=ROOT / "build/limits", help="where runs are kept")
    return given.parse_args()


if __name__ == "__main__":
    main()
