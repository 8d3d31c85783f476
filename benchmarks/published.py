"""Runs all published benchmarks and writes docs/benchmarks.md from what came out: the whole page, from one command.

python benchmarks/published.py --data DIR --output OUT

DIR holds the benchmarks' files, each in the folder that docs/how-to/benchmarks.md names; what is not there is told and
left out. It takes some hours on two cores, and goes on where it stopped.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tocsin.core.discover import names

ROOT = Path(__file__).resolve().parents[1]
OFTEN = ("auto", "ensemble", "ewma", "ridge", "pca", "sub_pca", "kmeans")
"""The default, the uniform average, and its five members: with five seeds, where chance is in them."""

LABELLED = ("svm", "random_forest")
"""Need labelled anomalies to learn from."""

SEEDS = 5

PLANS = {
    "smap_msl": (),
    "nab": (),
    "skab": (),
    "simulated": (),
    "wsn": LABELLED,
    "ton_iot": LABELLED,
    "ims": (),
    "occupancy": LABELLED,
    "ai4i2020": LABELLED,
    "hybrid": LABELLED,
}
"""Detectors of each benchmark beside those that learn from normal readings alone."""


def main() -> int:
    asked = _arguments()
    for name, labelled in PLANS.items():
        if name in asked.only:
            began = time.monotonic()
            failed = _run(name, labelled, asked)
            print(f"{name}: {'failed' if failed else 'done'}, {time.monotonic() - began:.0f} s", flush=True)
    return subprocess.call([sys.executable, str(ROOT / "docs/benchmarks.py"), "--results", str(asked.output)])


def _run(name: str, labelled: Sequence[str], asked: argparse.Namespace) -> int:
    every = asked.detectors or [known for known in names("detectors") if known not in LABELLED or known in labelled]
    once = [known for known in every if known not in OFTEN]
    words = ["benchmark", name, "--data", asked.data, "--detectors", ",".join(every), "--seeds", SEEDS]
    words += ["--once", ",".join(once)] if once else []
    words += ["-o", asked.output / name]
    return subprocess.call([sys.executable, "-m", "tocsin.cli", *map(str, words)], stdout=subprocess.DEVNULL)


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True, help="folder with the benchmarks' folders")
    given.add_argument("--output", type=Path, default=ROOT / "build/published", help="where results go")
    given.add_argument("--only", nargs="+", choices=PLANS, default=list(PLANS), help="some benchmarks alone")
    given.add_argument("--detectors", nargs="+", choices=names("detectors"), help="some detectors alone")
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
