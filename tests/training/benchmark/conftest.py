"""Small benchmarks in the shape of the published ones, so that the runner is tested where the real files are absent."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.sources import Overrides, open_table
from tocsin.training.benchmark import Case

SKAB_CHANNELS = ("Pressure", "Current")


@pytest.fixture
def skab_folder(tmp_path: Path) -> Path:
    """Three files like SKAB's: 700 rows, labelled from row 550 to 600, where the pressure is six deviations off."""
    folder = tmp_path / "skab" / "data" / "valve1"
    folder.mkdir(parents=True)
    for k in range(3):
        rng = np.random.default_rng(k)
        values = rng.normal(size=(700, 2))
        values[550:600, 0] += 6
        labels = (np.arange(700) >= 550) & (np.arange(700) < 600)
        time = pl.datetime_range(pl.datetime(2020, 3, 9, 10 + k), pl.datetime(2020, 3, 9, 20), "1s", eager=True).head(
            700
        )
        pl.DataFrame(
            {
                "datetime": time,
                **{name: values[:, c] for c, name in enumerate(SKAB_CHANNELS)},
                "anomaly": labels.astype(float),
                "changepoint": np.zeros(700),
            }
        ).write_csv(folder / f"{k}.csv", separator=";", datetime_format="%Y-%m-%d %H:%M:%S")
    return tmp_path / "skab"


@pytest.fixture
def nab_folder(tmp_path: Path) -> Path:
    """Two files like NAB's: 1,000 rows every 5 minutes, one with a window around a jump, one without any."""
    folder = tmp_path / "nab"
    (folder / "data" / "real").mkdir(parents=True)
    (folder / "labels").mkdir()
    time = pl.datetime_range(pl.datetime(2014, 1, 1), pl.datetime(2014, 2, 1), "5m", eager=True).head(1000)
    stamps = time.dt.strftime("%Y-%m-%d %H:%M:%S")
    for k, name in enumerate(("jump", "calm")):
        values = np.random.default_rng(k).normal(50, 1, 1000)
        values[620] += 40 * (name == "jump")
        pl.DataFrame({"timestamp": stamps, "value": values}).write_csv(folder / "data" / "real" / f"{name}.csv")
    window = [f"{stamps[610]}.000000", f"{stamps[650]}.000000"]
    labels = {"real/jump.csv": [window], "real/calm.csv": []}
    (folder / "labels" / "combined_windows.json").write_text(json.dumps(labels), "utf-8")
    return folder


@pytest.fixture
def case() -> Case:
    """Twelve readings of one channel, a minute apart: four to learn from, and one event of two readings."""
    labels = np.zeros(12, int)
    labels[8:10] = 1
    time = [f"2020-01-01T00:{k:02}:00" for k in range(12)]
    table = open_table(
        pl.DataFrame({"time": time, "x": np.arange(12.0) ** 2 % 7, "label": labels}), overrides=Overrides(label="label")
    )
    learn = np.arange(12) < 4
    return Case("small", table, learn, ~learn, window=2)
