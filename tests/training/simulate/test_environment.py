"""The simulated room: repeatable, plausible, labelled truthfully, and not easy."""

from __future__ import annotations

import hashlib
import io
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import FloatArray
from tocsin.core.discover import load, names, summary
from tocsin.core.errors import SettingError
from tocsin.training.simulate import Drift, _room, max_z_recall
from tocsin.training.simulate.environment import Environment

CHANNELS = ["temperature", "humidity", "light", "loudness", "air_quality"]
SEEDS = (7, 8, 9, 10)


def values(table: pl.DataFrame) -> FloatArray:
    return table.select(CHANNELS).to_numpy()


def events(table: pl.DataFrame) -> list[tuple[int, int]]:
    """(start, end) of each run of labels; the pause between events keeps runs apart."""
    edges = np.flatnonzero(np.diff(table["label"].to_numpy(), prepend=0, append=0))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return Environment().table()


@pytest.fixture(scope="module")
def normal() -> pl.DataFrame:
    return Environment(anomaly_share=0).table()


@pytest.mark.parametrize(
    ("settings", "digest"),
    [
        ({}, "1305083cab448a37791a633de7df3297e519d8f9a40c1e0c1b9c3850dd287e72"),
        (
            {"rows": 1000, "devices": 3, "anomaly_share": 0.1},
            "31d3d276bdd049703f093b2f826476630f4f43c3e2ff8192c892f516f0de52a8",
        ),
    ],
)
def test_the_table_that_published_figures_rest_on_stays_byte_for_byte(settings: dict[str, Any], digest: str) -> None:
    assert hashlib.sha256(as_csv(Environment(**settings))).hexdigest() == digest


def test_kinds_are_those_asked_for() -> None:
    table = Environment(rows=2000, kinds=("contextual", "noise_burst")).table()
    assert set(table["event"].drop_nulls()) == {"contextual", "noise_burst"}


@pytest.mark.parametrize("way", ["seasonal", "ageing", "maintenance"])
def test_drift_moves_what_is_normal_and_labels_nothing(way: Any, normal: pl.DataFrame) -> None:
    moved = Environment(anomaly_share=0, drift=Drift(way)).table()
    assert moved["label"].sum() == 0
    unit = values(normal).std(axis=0)
    first, last = (np.abs(values(moved)[k] - values(normal)[k]) / unit for k in (slice(0, 300), slice(-300, None)))
    assert first.mean(axis=0).max() < 0.3 < last.mean(axis=0).max()
    faulty = Environment(drift=Drift(way)).table()
    calm = faulty["label"].to_numpy() == 0
    np.testing.assert_array_equal(values(faulty)[calm], values(moved)[calm])


def as_csv(environment: Environment) -> bytes:
    buffer = io.BytesIO()
    environment.table().write_csv(buffer)
    return buffer.getvalue()


def test_is_discovered_by_its_file_name() -> None:
    assert "environment" in names("training.simulate")
    assert load("training.simulate", "environment") is Environment
    assert "room" in summary("training.simulate", "environment")


def test_columns_and_times(table: pl.DataFrame) -> None:
    assert table.columns == ["time", *CHANNELS, "label", "event", "event_size"]
    assert table.height == 6558
    times = table["time"].str.to_datetime(strict=True)
    assert str(times[0]) == "2023-07-01 00:00:00"
    assert (times.diff().drop_nulls().dt.total_minutes() == 10).all()


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    assert as_csv(Environment(rows=500)) == as_csv(Environment(rows=500))
    assert as_csv(Environment(rows=500)) != as_csv(Environment(rows=500, seed=8))
    assert not Environment(rows=500).table()["label"].equals(Environment(rows=500, seed=8).table()["label"])


def test_readings_outside_events_are_those_of_the_series_without_faults(
    table: pl.DataFrame, normal: pl.DataFrame
) -> None:
    calm = table["label"].to_numpy() == 0
    np.testing.assert_array_equal(values(table)[calm], values(normal)[calm])


def test_a_typical_morning_reads_as_in_the_first_paper(normal: pl.DataFrame) -> None:
    morning = normal.filter(pl.col("time").str.slice(11, 5) == "10:00").select(CHANNELS).median().row(0)
    np.testing.assert_allclose(morning, (22.5, 60, 300, 35, 70), rtol=0.2)


def test_bounds_resolution_and_no_gap(table: pl.DataFrame) -> None:
    seen = values(table)
    assert np.isfinite(seen).all()
    assert (seen >= 0).all()
    assert table["humidity"].max() <= 100  # type: ignore[operator]  # polars cannot say that it is a number
    for name, step in zip(CHANNELS, (0.1, 0.1, 1, 0.1, 1), strict=True):
        ticks = table[name].to_numpy() / step
        np.testing.assert_allclose(ticks, np.round(ticks), atol=1e-6)
        assert len(np.unique(np.round(ticks) % 10)) == 10, "coarser than it claims"


def test_light_leads_the_day_temperature_lags_and_humidity_opposes(normal: pl.DataFrame) -> None:
    by_hour = normal.group_by(pl.col("time").str.slice(11, 2).alias("hour")).agg(pl.col(CHANNELS).mean()).sort("hour")
    brightest, warmest, driest = (
        by_hour["light"].arg_max(),
        by_hour["temperature"].arg_max(),
        by_hour["humidity"].arg_min(),
    )
    assert brightest is not None
    assert warmest is not None
    assert driest is not None
    assert 11 <= brightest <= 13
    assert 1 <= warmest - brightest <= 5
    assert abs(driest - warmest) <= 2
    assert by_hour["light"][0] < 5


def test_working_days_are_louder_than_free_days(normal: pl.DataFrame) -> None:
    noon = normal.filter(pl.col("time").str.slice(11, 2) == "10")
    weekday = noon["time"].str.to_datetime().dt.weekday()
    assert noon.filter(weekday <= 5)["loudness"].mean() > noon.filter(weekday > 5)["loudness"].mean() + 4  # type: ignore[operator]


def test_noise_depends_on_the_hour_and_weather_lasts(normal: pl.DataFrame) -> None:
    loudness = normal["loudness"].to_numpy()
    hour = np.arange(len(loudness)) % 144 // 6
    jumps = np.abs(np.diff(loudness, prepend=loudness[0]))
    assert jumps[(hour >= 9) & (hour < 16)].mean() > 1.5 * jumps[hour < 5].mean()
    temperature = normal["temperature"].to_numpy()
    daily = temperature[: len(temperature) // 144 * 144].reshape(-1, 144).mean(axis=1)
    assert np.corrcoef(daily[1:], daily[:-1])[0, 1] > 0.4


def test_five_percent_of_the_rows_lie_in_events_of_every_kind(table: pl.DataFrame) -> None:
    assert table["label"].sum() == round(0.05 * 6558)
    assert set(table["event"].drop_nulls()) == {"spike", "drop", "drift", "stuck", "dropout", "co_deviation"}
    assert (table["event"].is_not_null() == (table["label"] == 1)).all()
    assert (table["event_size"].is_not_null() == (table["label"] == 1)).all()


def test_events_keep_apart_and_cover_the_whole_span(table: pl.DataFrame) -> None:
    spans = events(table)
    assert min(start - end for (_, end), (start, _) in pairwise(spans)) >= 12
    assert spans[0][0] >= 12
    per_tenth = np.histogram([start for start, _ in spans], bins=10, range=(0, 6558))[0]
    assert per_tenth.min() >= 1
    for start, end in spans:
        assert table["event"][start:end].n_unique() == 1
        assert table["event_size"][start:end].n_unique() == 1


def test_the_size_told_is_the_largest_departure_in_sigma_about_the_daily_rhythm(
    table: pl.DataFrame, normal: pl.DataFrame
) -> None:
    eight_weeks = Environment(rows=8064, anomaly_share=0).table()
    rhythm = (
        eight_weeks.with_columns(pl.col("time").str.to_datetime())
        .with_columns(
            pl.col(CHANNELS) - pl.col(CHANNELS).mean().over(pl.col("time").dt.time(), pl.col("time").dt.weekday() > 5)
        )
        .select(pl.col(CHANNELS).std(ddof=0))
        .to_numpy()[0]
    )
    departure = np.abs(values(table) - values(normal)) / rhythm
    for start, end in events(table):
        assert departure[start:end].max() == pytest.approx(table["event_size"][start], abs=0.006)
        assert 0.5 <= table["event_size"][start] <= 6


def test_spikes_touch_one_channel_and_co_deviations_several(table: pl.DataFrame, normal: pl.DataFrame) -> None:
    moved = values(table) != values(normal)
    for start, end in events(table):
        touched = int(moved[start:end].any(axis=0).sum())
        assert (touched >= 2) if table["event"][start] == "co_deviation" else (touched == 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_it_is_not_easy_at_least_a_third_escapes_max_z(seed: int) -> None:
    table = Environment(seed=seed).table()
    rows = max_z_recall(
        values(table),
        label=table["label"].to_numpy() == 1,
        kind=table["event"].fill_null("").to_list(),
        size=table["event_size"].fill_null(np.nan).to_numpy(),
    )
    count, caught = (sum(getattr(row, name) for row in rows) for name in ("events", "caught"))
    assert count == len(events(table))
    assert caught / count < 2 / 3
    assert caught / count > 0.05, "nothing at all is caught: the events would be hopeless rather than hard"


@given(
    rows=st.integers(144, 2000),
    seed=st.integers(0, 2**40),
    share=st.floats(0, 0.25),
)
@example(rows=144, seed=1028, share=0.25)
@settings(max_examples=15, deadline=None)
def test_any_setting_gives_that_many_rows_and_that_share(rows: int, seed: int, share: float) -> None:
    table = Environment(rows=rows, seed=seed, anomaly_share=share).table()
    assert table.height == rows
    assert table["label"].sum() == round(share * rows)
    sizes = table["event_size"].drop_nulls()
    assert ((sizes >= 0.5) & (sizes <= 6)).all()
    assert all(start - end >= 12 for (_, end), (start, _) in pairwise([(0, 0), *events(table), (rows, rows)]))


def test_several_devices_share_the_sky_but_not_the_faults() -> None:
    fleet = Environment(rows=1000, devices=3).table()
    assert fleet.columns[:2] == ["time", "device"]
    assert fleet.height == 3000
    assert fleet["device"][:4].to_list() == ["room-1", "room-2", "room-3", "room-1"]
    one, two = (fleet.filter(pl.col("device") == f"room-{n}") for n in (1, 2))
    assert one.drop("device").equals(Environment(rows=1000).table())
    assert np.corrcoef(one["light"], two["light"])[0, 1] > 0.9
    assert one["label"].to_list() != two["label"].to_list()


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"rows": 100}, "less than a day"),
        ({"anomaly_share": 0.4}, "anomaly_share is 0.4"),
        ({"devices": 0}, "0 devices"),
        ({"seed": -1}, "negative"),
        ({"kinds": ()}, "No kind of event is named"),
        ({"kinds": ("spike", "flood")}, "no events of kind 'flood'"),
    ],
)
def test_settings_that_cannot_work_are_refused(environment: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Environment(**environment)


def test_sigma_about_the_rhythm_is_zero_for_a_series_that_repeats_itself() -> None:
    when = _room.clock(14 * 144)
    weekly = np.column_stack([np.sin(when.hour), np.where(when.workday, when.hour, 0.0)])
    np.testing.assert_allclose(_room.deviation(weekly, when), 0, atol=1e-9)
