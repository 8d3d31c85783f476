"""Runs all published benchmarks and writes docs/benchmarks.md from what came out: the whole page, from one command.

python benchmarks/published.py --data DIR --output OUT

DIR holds the benchmarks' files, each in the folder that docs/how-to/benchmarks.md names; what is not there is told and
left out. It takes about an hour and a half on two cores, and goes on where it stopped.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLAIN = "rolling_zscore,isolation_forest,lstm_autoencoder"
LABELLED = f"{PLAIN},svm,random_forest"
"""Where there are labelled anomalies to learn from."""

PLANS = {
    "skab": (PLAIN, 5),
    "smap_msl": (PLAIN, 5),
    "nab": (PLAIN, 1),
    "wsn": (LABELLED, 5),
    "ims": (PLAIN, 5),
    "occupancy": (LABELLED, 1),
    "ai4i2020": (LABELLED, 1),
    "ton_iot": (LABELLED, 1),
    "hybrid": (LABELLED, 1),
}
"""Detectors and seeds of each benchmark."""


def main() -> int:
    asked = _arguments()
    for name, (detectors, seeds) in PLANS.items():
        if name in asked.only:
            began = time.monotonic()
            failed = _run(name, detectors, seeds, asked)
            print(f"{name}: {'failed' if failed else 'done'}, {time.monotonic() - began:.0f} s", flush=True)
    return subprocess.call([sys.executable, str(ROOT / "docs/benchmarks.py"), "--results", str(asked.output)])


def _run(name: str, detectors: str, seeds: int, asked: argparse.Namespace) -> int:
    words = ["benchmark", name, "--data", asked.data, "--detectors", detectors, "--seeds", seeds]
    words += ["-o", asked.output / name]
    return subprocess.call([sys.executable, "-m", "tocsin.cli", *map(str, words)], stdout=subprocess.DEVNULL)


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--data", type=Path, required=True, help="folder with the benchmarks' folders")
    given.add_argument("--output", type=Path, default=ROOT / "build/published", help="where results go")
    given.add_argument("--only", nargs="+", choices=PLANS, default=list(PLANS), help="some benchmarks alone")
    return given.parse_args()


if __name__ == "__main__":
    sys.exit(main())
