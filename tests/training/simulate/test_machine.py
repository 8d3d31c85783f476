"""The simulated pump: repeatable, physically coupled, labelled truthfully, and not easy."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import FloatArray
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.sources import open_table
from tocsin.training.simulate import KINDS, Drift, _plant, max_z_recall
from tocsin.training.simulate.machine import Machine

CHANNELS = ["vibration", "temperature", "current", "pressure", "flow"]
RAMP = "failure_ramp"


def values(table: pl.DataFrame) -> FloatArray:
    return table.select(CHANNELS).to_numpy()


def ramps(table: pl.DataFrame) -> list[slice]:
    inside = (table["event"].fill_null("") == RAMP).to_numpy()
    edges = np.flatnonzero(np.diff(inside.astype(int), prepend=0, append=0)).reshape(-1, 2)
    return [slice(int(start), int(end)) for start, end in edges]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return Machine().table()


@pytest.fixture(scope="module")
def calm() -> pl.DataFrame:
    return Machine(anomaly_share=0).table()


def test_is_discovered_by_its_file_name() -> None:
    assert load("training.simulate", "machine") is Machine


def test_columns_and_times(table: pl.DataFrame) -> None:
    assert table.columns == ["time", *CHANNELS, "label", "event", "event_size"]
    times = table["time"].str.to_datetime(strict=True)
    assert (times.diff().drop_nulls().dt.total_seconds() == 60).all()
    assert Machine(rows=5000, period_s=10).table()["time"][1] == "2024-03-07T00:00:10"


def test_it_is_understood_without_flags(table: pl.DataFrame) -> None:
    opened = open_table(table)
    assert list(opened.readings.schema.names) == CHANNELS
    assert opened.layout.label == "label"
    assert opened.cadence.regular
    assert [finding for finding in opened.quality.findings if finding.level == "warning"] == []
    fleet = open_table(Machine(rows=2000, devices=3).table())
    assert fleet.devices == ("machine-1", "machine-2", "machine-3")
    assert list(fleet.readings.schema.names) == CHANNELS


def test_same_seed_same_table_and_another_seed_another() -> None:
    assert Machine(rows=3000).table().equals(Machine(rows=3000).table())
    assert not Machine(rows=3000).table().equals(Machine(rows=3000, seed=8).table())


def test_the_share_is_kept_and_every_kind_occurs(table: pl.DataFrame) -> None:
    assert table["label"].sum() == round(0.05 * 20_000)
    assert set(table["event"].drop_nulls()) == {*KINDS, RAMP} - {"drop"}
    assert (table["event"].is_not_null() == (table["label"] == 1)).all()
    assert (table["event_size"].is_not_null() == (table["label"] == 1)).all()
    bounded = table.filter(~pl.col("event").is_in([RAMP, "contextual"]))["event_size"]
    assert bounded.is_between(0.5, 6).all()


def test_load_states_set_the_level_of_everything_that_follows_at_once(calm: pl.DataFrame) -> None:
    flow, pressure, current = (calm[name].to_numpy() for name in ("flow", "pressure", "current"))
    idle, half, full = flow < 30, (flow > 55) & (flow < 85), flow > 100
    assert min(idle.mean(), half.mean(), full.mean()) > 0.1
    assert (idle | half | full).mean() > 0.9, "levels in between are passing"
    for channel in (pressure, current):
        assert channel[idle].max() < np.median(channel[half]) < channel[full].min()


def test_temperature_follows_behind(calm: pl.DataFrame) -> None:
    current, temperature = (calm[name].to_numpy() for name in ("current", "temperature"))
    drive, follows = np.diff(current), np.diff(temperature)
    assert abs(np.corrcoef(drive, follows)[0, 1]) < 0.5
    lagged = [np.corrcoef(current[: -lag or None], temperature[lag:])[0, 1] for lag in range(0, 60, 5)]
    assert 15 <= 5 * int(np.argmax(lagged)) <= 50


def test_nights_and_weekends_are_calm(calm: pl.DataFrame) -> None:
    times = calm["time"].str.to_datetime()
    busy = (times.dt.weekday() <= 5) & times.dt.hour().is_between(6, 21)
    assert calm.filter(busy)["flow"].mean() > 2.5 * calm.filter(~busy)["flow"].mean()  # type: ignore[operator]


def test_the_valve_hunts_with_a_period_of_twelve_minutes(calm: pl.DataFrame) -> None:
    flow, state = calm["flow"].to_numpy(), calm["flow"].to_numpy() > 100
    edges = np.flatnonzero(np.diff(state.astype(int), prepend=0, append=0)).reshape(-1, 2)
    start, end = max(edges.tolist(), key=lambda run: run[1] - run[0])
    steady = flow[start + 5 : end - 5] - flow[start + 5 : end - 5].mean()
    power = np.abs(np.fft.rfft(steady * np.hanning(len(steady)))) ** 2
    minutes = 1 / np.fft.rfftfreq(len(steady))[1:]
    inside = (minutes > 6) & (minutes < 25)
    assert 9 < minutes[inside][np.argmax(power[1:][inside])] < 16


def test_vibration_ramps_up_for_half_an_hour_before_each_failure(table: pl.DataFrame, calm: pl.DataFrame) -> None:
    found = ramps(table)
    assert len(found) >= 4
    vibration, flow = table["vibration"].to_numpy(), table["flow"].to_numpy()
    for rows in found:
        assert rows.stop - rows.start == 30
        first, last = vibration[rows][:5].mean(), vibration[rows][-3:].mean()
        assert last > first + 0.5
        assert flow[rows].min() > 30, "a machine that stands still cannot ramp up"
        after = flow[rows.stop + 10 : rows.stop + 40]
        assert np.median(after) < 30, "it stands still while it is repaired"
    assert vibration.max() > values(calm)[:, 0].max()


def test_friction_draws_current_and_heats() -> None:
    failing = _plant.friction(200, [_plant.Failure(100, 130, 3.0, 0)])
    states, hall = np.full(200, _plant.FULL), np.full(200, 20.0)
    calm, hot = (
        _plant.machine(states, rubs, hall, period_s=60, rng=np.random.default_rng(0))
        for rubs in (np.zeros(200), failing)
    )
    added = hot - calm
    assert (added[:100] == 0).all()
    assert added[129, 0] == pytest.approx(3, rel=0.2)
    assert added[129, 1] > 1
    assert added[129, 2] == pytest.approx(1.2)
    assert (added[:, 3:] == 0).all()


def test_ramps_alone_can_be_asked_for_and_last_as_long_at_any_cadence() -> None:
    table = Machine(rows=12_000, period_s=30, kinds=(RAMP,)).table()
    assert set(table["event"].drop_nulls()) == {RAMP}
    assert {rows.stop - rows.start for rows in ramps(table)} == {60}


@pytest.mark.parametrize("way", ["seasonal", "ageing", "maintenance"])
def test_drift_moves_what_is_normal_and_labels_nothing(way: Any, calm: pl.DataFrame) -> None:
    moved = Machine(anomaly_share=0, drift=Drift(way)).table()
    assert moved["label"].sum() == 0
    first, last = (np.abs(values(moved)[k] - values(calm)[k]).mean(axis=0) for k in (slice(0, 300), slice(-300, None)))
    assert (last > 3 * first).any()


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_it_is_not_easy_most_events_escape_max_z(seed: int) -> None:
    table = Machine(seed=seed).table()
    rows = max_z_recall(
        values(table),
        label=table["label"].to_numpy() == 1,
        kind=table["event"].fill_null("").to_list(),
        size=table["event_size"].fill_null(np.nan).to_numpy(),
    )
    count, caught = (sum(getattr(row, name) for row in rows) for name in ("events", "caught"))
    assert 0.05 < caught / count < 0.5


@given(rows=st.integers(720, 4000), seed=st.integers(0, 2**40), share=st.floats(0, 0.2))
@settings(max_examples=10, deadline=None)
def test_any_setting_gives_that_many_rows_and_that_share(rows: int, seed: int, share: float) -> None:
    table = Machine(rows=rows, seed=seed, anomaly_share=share).table()
    assert table.height == rows
    assert table["label"].sum() == round(share * rows)
    assert np.isfinite(values(table)).all()


@pytest.mark.parametrize(
    ("machine", "says"),
    [
        ({"rows": 300}, "less than six hours. Ask for 360 or more"),
        ({"anomaly_share": 0.4}, "anomaly_share is 0.4"),
        ({"devices": 0}, "0 devices"),
        ({"seed": -1}, "negative"),
        ({"period_s": 0}, "every 0 s"),
        ({"kinds": ("flooding",)}, "no events of kind 'flooding'"),
    ],
)
def test_settings_that_cannot_work_are_refused(machine: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Machine(**machine)
