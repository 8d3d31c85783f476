"""Runs each variant in a process of its own: the thread pools of two runtimes in one process spoil each other."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Variant:
    """One side of a comparison: a task of a child script, with its settings."""

    name: str
    python: str
    script: str
    task: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Finished:
    """A command that ran to its end: wall time and the largest memory it held."""

    seconds: float
    peak_bytes: int


def interleaved(variants: Sequence[Variant], repeats: int) -> dict[str, list[dict[str, Any]]]:
    """Run A B C A B C …, so that a machine that slows down meanwhile slows all of them."""
    found: dict[str, list[dict[str, Any]]] = {variant.name: [] for variant in variants}
    for repeat in range(1, repeats + 1):
        for variant in variants:
            say(f"{variant.task}: {variant.name}, {repeat} of {repeats}")
            found[variant.name].append(run(variant))
    return found


def run(variant: Variant) -> dict[str, Any]:
    """Run one child and return what it printed last, as JSON."""
    command = [variant.python, str(HERE / variant.script), variant.task, json.dumps(dict(variant.settings))]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
    if done.returncode:
        raise SystemExit(f"{variant.name} failed:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def watched(command: Sequence[str]) -> Finished:
    """Run a command and return its wall time and peak memory, as the kernel counted them for this child alone."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
        assert child.stderr is not None
        complaint = child.stderr.read()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{complaint.decode()[-3000:]}")
    return Finished(seconds, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))


def median(runs: Sequence[Mapping[str, Any]], key: str) -> float:
    """Return the median of one figure over the repeats."""
    return float(statistics.median(float(run[key]) for run in runs))


def say(what: str) -> None:
    """Tell on the error stream what is going on; the table alone goes to standard output."""
    print(f"· {what}", file=sys.stderr, flush=True)
