"""What all sides of a comparison are given: the same windows, the same split, the same readings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from tocsin.core.windows import Windows
from tocsin.testing.live_fleet import LiveFleet
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

WINDOW = 10
CHANNELS = ("temperature", "humidity", "light", "loudness", "air_quality")


def training_windows(path: Path) -> None:
    """Write simulated windows: the first 70 % to learn from, the next 15 % to validate on, normal readings only."""
    table = Environment().table()
    values = table.select(CHANNELS).to_numpy()
    early, late = int(0.7 * len(values)), int(0.85 * len(values))
    low, high = values[:early].min(axis=0), values[:early].max(axis=0)
    series = ((values - low) / (high - low)).astype(np.float32)
    faults = np.convolve(table["label"].to_numpy(), np.ones(WINDOW))[: len(values)]
    normal = np.flatnonzero(faults == 0)
    normal = normal[normal >= WINDOW - 1]
    training = Windows(series, normal[normal < early], WINDOW)
    validation = Windows(series, normal[(normal >= early + WINDOW - 1) & (normal < late)], WINDOW)
    every = slice(None)
    np.savez(
        path,
        series=series,
        length=WINDOW,
        training_end=training.end,
        validation_end=validation.end,
        training=training.take(every),
        validation=validation.take(every),
    )


def environment_csv(path: Path) -> None:
    """Write the simulated room as the demo uses it."""
    Environment().table().write_csv(path)


def machine_csv(path: Path, *, rows: int, channels: int = 8) -> None:
    """Write readings of a machine, one a minute: rhythms of different lengths, noise, three decimals."""
    rng, minute = np.random.default_rng(0), np.arange(rows)
    start = np.datetime64("2024-01-01T00:00:00")
    columns = {
        f"sensor_{k}": 20 * (k + 1) + 5 * np.sin(2 * np.pi * minute / (300 + 170 * k)) + rng.normal(0, 0.5, rows)
        for k in range(channels)
    }
    time = pl.Series("time", (start + minute.astype("timedelta64[m]")).astype("datetime64[ms]"))
    pl.DataFrame([time, *(pl.Series(name, values) for name, values in columns.items())]).write_csv(
        path, float_precision=3, datetime_format="%Y-%m-%d %H:%M:%S"
    )


def fleet_artifact(path: Path, *, period_s: float = 1.0) -> None:
    """Write an artifact with the reference network for the numbered fleet, trained no longer than it must be."""
    fleet = LiveFleet(channels=len(CHANNELS), period_s=period_s)
    recipe = Recipe(detector="lstm_autoencoder", settings={"epochs": 1}, window=WINDOW)
    fit(fleet.calm(readings=1000).table(), recipe).save(path)
