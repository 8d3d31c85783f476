"""Readings with everything that goes wrong in a plant, and one artifact of each detector trained on calm ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER
from tocsin.core.readings import Readings
from tocsin.core.schema import Channel, Schema
from tocsin.prepare.clock import Clock
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

MINUTE = 60 * 10**9
BEGIN = 1_700_000_040 * 10**9

RECIPES = {
    "rolling_zscore": Recipe(detector="rolling_zscore", window=12),
    "isolation_forest": Recipe(detector="isolation_forest", settings={"trees": 100}, raise_after=1),
    "lstm_autoencoder": Recipe(detector="lstm_autoencoder", settings={"epochs": 1, "hidden": (8, 4)}, window=5),
}


def calm(n: int, *, seed: int = 0) -> np.ndarray:
    """Return two channels that follow one rhythm, shape (n, 2)."""
    rng = np.random.default_rng(seed)
    wave = np.sin(np.arange(n) / 10)
    return np.column_stack([20 + 3 * wave, 50 - 5 * wave]) + rng.normal(0, 0.2, (n, 2))


@pytest.fixture(scope="session", params=sorted(RECIPES))
def artifact(request: pytest.FixtureRequest) -> Artifact:
    return make_artifact(request.param)


def make_artifact(name: str) -> Artifact:
    values = calm(400)
    frame = pl.DataFrame(
        {
            "time": np.datetime64(BEGIN, "ns") + np.arange(400) * np.timedelta64(MINUTE, "ns"),
            "a": values[:, 0],
            "b": values[:, 1],
        }
    )
    return train(open_table(frame), RECIPES[name])


@pytest.fixture(scope="session")
def zscore() -> Artifact:
    return make_artifact("rolling_zscore")


def gathering(artifact: Artifact, *, lateness: int = MINUTE) -> Artifact:
    """Return the artifact with a clock that gathers readings into minutes."""
    clock = Clock(2, MINUTE, align=True, lateness_ns=lateness, hold=artifact.clock.hold, restart=artifact.clock.restart)
    return replace(artifact, clock=clock)


def messy(n: int = 400, *, devices: int = 3, seed: int = 0) -> Readings:
    """Return readings of several devices, one of which joins late, with gaps, repeats, stragglers, NaN and faults."""
    rng = np.random.default_rng(seed)
    parts = []
    for device in range(devices):
        k = np.sort(rng.choice(int(1.3 * n), n, replace=False)) if device == 1 else np.arange(n)
        k = np.where(k > n // 2, k + (30 if device == 2 else 0), k)
        time = BEGIN + (k + (n // 2 if device == 2 else 0)) * MINUTE + rng.integers(-20, 20, n) * 10**9 * (device == 1)
        values = calm(2 * n + 100, seed=device)[k]
        values[n // 3 : n // 3 + 8, device % 2] += 6
        values[rng.random(values.shape) < 0.03] = np.nan
        values[3 * n // 4 : 3 * n // 4 + 6] = np.nan
        values[n // 5, 0] = np.inf
        time[rng.random(n) < 0.01] = NEVER
        swap = rng.integers(1, n - 1, 5)
        time[swap], time[swap + 1] = time[swap + 1], time[swap]
        time[rng.integers(1, n, 4)] = time[rng.integers(1, n, 4)]
        parts.append((np.full(n, device), time, values))
    whose, when, what = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.argsort(np.where(when == NEVER, BEGIN, when) + rng.integers(0, 90, len(when)) * 10**9, kind="stable")
    schema = Schema((Channel("a"), Channel("b")))
    return Readings(schema, whose[order], when[order], what[order], row=np.arange(len(order)))
