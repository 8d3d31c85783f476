"""Sensors with rates of their own are put on one grid without a single flag."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.core.arrays import IntArray
from tocsin.sources import open_table
from tocsin.training.recipe import Recipe

SECOND = 10**9
START = 1_700_000_000 * SECOND
HOURS = 6


def stamps(every_s: float, jitter_s: float, random: np.random.Generator, *, after_s: float = 0.0) -> IntArray:
    """Times of a sensor that speaks ``every_s``, each up to ``jitter_s`` too late."""
    due = np.arange(after_s, HOURS * 3600, every_s)
    return np.asarray(START + ((due + random.uniform(0, jitter_s, len(due))) * SECOND).astype(np.int64))


def long_form(devices: int = 1) -> pl.DataFrame:
    """Rows of sensor a, every 10 s, and b, every 60 s; on the second device b starts an hour later."""
    random = np.random.default_rng(0)
    parts = []
    for device in range(devices):
        for name, every, jitter in (("a", 10, 3), ("b", 60, 20)):
            time = stamps(every, jitter, random, after_s=3600 if device and name == "b" else 0)
            value = np.sin(time / SECOND / 600) + random.normal(0, 0.1, len(time))
            parts.append(
                pl.DataFrame({"time": time, "value": value}).with_columns(
                    sensor=pl.lit(name), device=pl.lit(f"d{device}")
                )
            )
    return pl.concat(parts).sort("time").with_columns(pl.from_epoch("time", "ns"))


def wide_form(devices: int = 1) -> pl.DataFrame:
    return long_form(devices).pivot("sensor", index=["time", "device"], values="value").sort("time")


FORMS = {"long": long_form, "wide": wide_form}


@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_a_fast_and_a_slow_sensor(form: str, devices: int) -> None:
    rows = FORMS[form](devices)
    table = open_table(rows)
    assert table.layout.schema.names == ("a", "b")
    assert (table.cadence.period_ns, table.cadence.slowest_ns, table.cadence.regular) == (
        10 * SECOND,
        60 * SECOND,
        False,
    )
    scorer = tocsin.fit(rows, Recipe(detector="isolation_forest"))
    assert (scorer.artifact.clock.hold, scorer.artifact.clock.restart) == (9, 9 + scorer.artifact.window)
    scored = scorer.score(rows)
    late_start = (pl.col("device") == "d1") & (pl.col("time").cast(pl.Int64) < (START + 3800 * SECOND))
    status = scored.filter(~late_start)["status"]
    status = status.filter(status != "warming")
    assert (status == "ok").mean() >= 0.97


def test_a_slow_sensor_on_an_exact_grid_needs_no_clock() -> None:
    n = 2_000
    values = np.random.default_rng(0).normal(size=(n, 2))
    values[np.arange(n) % 6 > 0, 1] = np.nan
    time = pl.from_epoch(pl.Series(START + np.arange(n) * 10 * SECOND), "ns")
    rows = pl.DataFrame({"time": time, "a": values[:, 0], "b": values[:, 1]}, nan_to_null=True)
    scorer = tocsin.fit(rows, Recipe(detector="isolation_forest"))
    assert not scorer.artifact.clock.align
    status = scorer.score(rows)["status"]
    assert set(status) == {"ok"}
