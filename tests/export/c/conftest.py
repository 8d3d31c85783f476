"""Artifacts to turn into C, and programs around it: what reads readings, and tells verdicts."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray
from tocsin.core.kinds import Kind
from tocsin.export.c.compiler import host_compiler, written
from tocsin.export.c.source import Source
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

HERE = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
"""Is there a C compiler?"""

collect_ignore_glob = [] if HERE else ["test_*.py"]

MINUTE = 60 * 10**9
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Werror", "-pedantic", "-O1", "-g")
CHECKED = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
KINDS: Mapping[str, Kind] = {"wind": "degrees", "on": "binary", "kwh": "counter"}

MAIN = """\
#include "{header}"
#include <stdio.h>
int main(void) {{
    static {name}_state state;
    {name}_result result;
    double row[{NAME}_CHANNELS];
    {name}_init(&state);
    while (fread(row, sizeof row, 1, stdin) == 1) {{
        {number} reading[{NAME}_CHANNELS];
        for (int k = 0; k < {NAME}_CHANNELS; ++k) {{
            reading[k] = ({number})row[k];
        }}
        {name}_push(&state, reading, &result);
        printf("%d %.9g %d %d\\n", (int)result.status, (double)result.score, result.anomaly, result.alarm);
    }}
    return 0;
}}
"""


def calm(n: int, *, seed: int = 0) -> FloatArray:
    """Return three channels that follow one rhythm, shape (n, 3)."""
    rng = np.random.default_rng(seed)
    at = np.arange(n)
    wave = np.column_stack([20 + 3 * np.sin(at / 10), 50 - 5 * np.sin(at / 10), 900 + 80 * np.cos(at / 17)])
    return np.asarray(wave + rng.normal(0, 0.2, (n, 3)) * [1, 1, 20])


def special(n: int, *, seed: int = 0) -> FloatArray:
    """Return a measured quantity, an angle, a switch and a counter, shape (n, 4)."""
    rng, at = np.random.default_rng(seed), np.arange(n)
    wind = (at * 3.0 + rng.normal(0, 2, n)) % 360
    kwh = 2e7 + np.cumsum(rng.uniform(0.5, 1.5, n))
    return np.column_stack([calm(n, seed=seed)[:, 0], wind, at // 50 % 2, kwh])


def learned(recipe: Recipe, values: FloatArray, names: tuple[str, ...]) -> Artifact:
    """Return what is trained on readings a minute apart."""
    time = np.datetime64(1_700_000_040 * 10**9, "ns") + np.arange(len(values)) * np.timedelta64(MINUTE, "ns")
    columns = {name: values[:, k] for k, name in enumerate(names)}
    return train(open_table(pl.DataFrame({"time": time, **columns})), recipe)


@pytest.fixture(scope="session")
def pca() -> Artifact:
    return learned(Recipe(detector="pca"), calm(600), ("temp", "hum", "co2"))


@pytest.fixture(scope="session")
def cnn() -> Artifact:
    recipe = Recipe(detector="cnn_autoencoder", settings={"epochs": 2, "filters": (8, 8)}, window=18)
    return learned(recipe, calm(600), ("temp", "hum", "co2"))


@pytest.fixture(scope="session")
def counting() -> Artifact:
    recipe = Recipe(detector="pca", kinds=KINDS, window=6, raise_after=2)
    return learned(recipe, special(600), ("temp", "wind", "on", "kwh"))


Build = Callable[..., Path]


def built(folder: Path, source: Source, main: str, *, flags: tuple[str, ...]) -> Path:
    """Compile a program around C in a folder; return its path."""
    number = "double" if source.counts else "float"
    text = main.format(name=source.name, NAME=source.name.upper(), header=source.header, number=number)
    written({**source.files, "main.c": text.encode()}, folder)
    file, out = next(iter(source.files)), folder / "program"
    command = [host_compiler(), *flags, file, "main.c", "-o", str(out), "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """What compiles a program around C, with all warnings and checks, and returns its path."""

    def make(source: Source, main: str = MAIN, *, flags: tuple[str, ...] = (*STRICT, *CHECKED)) -> Path:
        return built(tmp_path, source, main, flags=flags)

    return make


def told(program: Path, readings: FloatArray, *before: str) -> FloatArray:
    """Return what a program says of readings: status, score, anomaly and alarm of each, shape (n, 4)."""
    given = np.ascontiguousarray(readings, np.float64).tobytes()
    done = subprocess.run([*before, str(program)], input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return np.array([line.split() for line in done.stdout.decode().splitlines()], np.float64)
