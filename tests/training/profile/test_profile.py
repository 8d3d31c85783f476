"""The profile of a table as a whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.sources import Table, open_table
from tocsin.training.profile import profile

N = 1440
AT = np.arange(N)


def plant(rows: int = N, **columns: np.ndarray) -> pl.DataFrame:
    """Return a day's rhythm of ten minutes, a meter and a switch."""
    rng = np.random.default_rng(0)
    day = np.sin(2 * np.pi * AT / 144)
    return pl.DataFrame(
        {
            "time": np.datetime64("2024-01-01", "ns") + AT * np.timedelta64(600, "s"),
            "temp": 20 + 3 * day + 0.3 * rng.normal(size=N),
            "light": np.clip(day, 0, 1) + 0.05 * rng.normal(size=N),
            "kwh": 2e7 + np.cumsum(rng.uniform(0, 1, N)),
            "door": (rng.random(N) < 0.1).astype(float),
            **columns,
        }
    ).head(rows)


def table_of(frame: pl.DataFrame) -> Table:
    return open_table(frame).in_time_order()


def test_it_tells_rows_cadence_period_and_kinds() -> None:
    found = profile(table_of(plant()))
    assert (found.rows, found.devices, found.shortest, found.longest) == (N, 1, N, N)
    assert (found.cadence_s, found.period) == (600.0, 144)
    assert found.kinds == {"temp": "real", "light": "real", "kwh": "counter", "door": "binary"}
    assert found.lines() == (
        f"much the same again after 144 readings, 1 d (resemblance {found.resemblance:.2f})",
        "counter: kwh",
        "binary: door",
    )


def test_it_is_plain_values() -> None:
    found = profile(table_of(plant()))
    assert json.loads(json.dumps(found.as_dict()))["channels"][2]["kind"] == "counter"


def test_smoothness_and_drift_are_told_by_channel() -> None:
    shifted = np.where(AT < 700, 0.0, 5.0) + np.random.default_rng(1).normal(size=N)
    channels = {channel.name: channel for channel in profile(table_of(plant(shifted=shifted))).channels}
    assert channels["temp"].smoothness > 0.9
    assert channels["door"].smoothness < 0.2
    assert channels["shifted"].drift == pytest.approx(5, rel=0.2)
    assert abs(channels["light"].drift) < 0.5


def test_order_means_nothing() -> None:
    shuffled = plant().sample(fraction=1, shuffle=True, seed=0)
    assert profile(open_table(shuffled)) == profile(table_of(plant()))


def test_what_is_labelled_anomalous_is_passed_over() -> None:
    odd = plant(valve=np.where(AT // 50 == 7, 3.0 + AT % 2, 3.0), label=(AT // 50 == 7).astype(int))
    table = table_of(odd)
    assert profile(table).kinds["valve"] == "constant"
    assert profile(replace(table, labels=None)).kinds["valve"] == "binary"


def test_pauses_do_not_shift_the_rhythm() -> None:
    keep = ~((AT > 300) & (AT < 350)) & ~((AT > 900) & (AT < 977))
    assert profile(table_of(plant().filter(pl.Series(keep)))).period == 144


def test_the_busiest_device_tells_the_rhythm() -> None:
    few = plant(100).with_columns(device=pl.lit("b"))
    found = profile(table_of(pl.concat([plant().with_columns(device=pl.lit("a")), few])))
    assert (found.devices, found.shortest, found.longest, found.period) == (2, 100, N, 144)


def test_missing_values_are_counted() -> None:
    holes = np.where(AT % 4 == 0, np.nan, AT % 7)
    found = {channel.name: channel.missing for channel in profile(table_of(plant(holes=holes))).channels}
    assert found["holes"] == pytest.approx(0.25)
    assert found["temp"] == 0


def test_rows_without_a_clock_have_a_period_in_rows() -> None:
    found = profile(table_of(plant().drop("time")))
    assert found.cadence_s is None
    assert found.period == pytest.approx(144, abs=2)


def test_real_files_have_the_rhythm_that_they_are_known_for(shared_data: Path) -> None:
    folder = shared_data / "nab" / "data" / "realKnownCause"
    assert profile(open_table(folder / "nyc_taxi.csv")).period == 48
    assert profile(open_table(shared_data / "airquality_uci" / "AirQuality.csv")).period == 24
    tweets = shared_data / "nab" / "data" / "realTweets"
    for path in sorted(tweets.glob("*.csv")):
        assert set(profile(open_table(path)).kinds.values()) == {"real"}, path.name
