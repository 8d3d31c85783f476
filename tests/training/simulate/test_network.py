"""The simulated network: many devices at once, attacks from subtle to plain, two channels or flow statistics."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.sources import open_table
from tocsin.training.simulate import Drift, _flows, _traffic, max_z_recall
from tocsin.training.simulate.network import Network

KINDS = {"flooding", "data_injection", "man_in_the_middle"}
COLUMNS = [
    "time", "device_id", "device_type", "data_packets", "signal_strength", "network_traffic", "label", "event",
    "event_size",
]  # fmt: skip


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return Network().table()


@pytest.fixture(scope="module")
def wide() -> pl.DataFrame:
    return Network(rows=24_000, features=115).table()


def test_is_discovered_by_its_file_name() -> None:
    assert load("training.simulate", "network") is Network


def test_columns_devices_and_times(table: pl.DataFrame) -> None:
    assert table.columns == COLUMNS
    assert table["device_id"][:2].to_list() == ["A001", "A002"]
    assert table["device_id"].n_unique() == 24
    assert table.group_by("device_id").agg(pl.col("device_type").n_unique())["device_type"].max() == 1
    assert table["device_type"].n_unique() == 6
    own = table.filter(pl.col("device_id") == "A007")["time"].str.to_datetime()
    assert (own.diff().drop_nulls().dt.total_minutes() == 10).all()
    assert table["time"].is_sorted()


def test_both_labels_say_the_same_and_the_share_is_eight_percent(table: pl.DataFrame) -> None:
    assert ((table["network_traffic"] == "Anomalous") == (table["label"] == 1)).all()
    assert set(table["network_traffic"].unique()) == {"Normal", "Anomalous"}
    assert table["label"].mean() == pytest.approx(0.08, abs=0.0002)
    assert set(table["event"].drop_nulls()) == KINDS
    assert (table["event"].is_not_null() == (table["label"] == 1)).all()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2])
def test_the_share_can_be_set(share: float) -> None:
    table = Network(rows=24_000, anomaly_share=share).table()
    assert table["label"].mean() == pytest.approx(share, abs=0.001)


def test_it_is_understood_without_flags(table: pl.DataFrame, wide: pl.DataFrame) -> None:
    for given, channels in ((table, COLUMNS[3:5]), (wide, list(_flows.names()))):
        opened = open_table(given)
        assert list(opened.readings.schema.names) == channels
        assert (opened.layout.device, opened.layout.label) == ("device_id", "label")
        assert len(opened.devices) == 24
        assert opened.labels is not None
        assert opened.labels.sum() == given["label"].sum()


def test_same_seed_same_table_and_kinds_are_those_asked_for() -> None:
    first, again, other = (Network(rows=4800, seed=seed).table() for seed in (7, 7, 8))
    assert first.equals(again)
    assert not first.equals(other)
    assert set(Network(rows=4800, kinds=("flooding",)).table()["event"].drop_nulls()) == {"flooding"}


def test_readings_outside_attacks_are_those_of_a_network_in_peace(table: pl.DataFrame) -> None:
    peace = Network(anomaly_share=0).table()
    calm = table["label"] == 0
    assert table.filter(calm).select(COLUMNS[:5]).equals(peace.filter(calm).select(COLUMNS[:5]))


def test_the_size_told_is_the_largest_departure_in_the_device_s_own_deviations(table: pl.DataFrame) -> None:
    peace = Network(anomaly_share=0).table()
    life = np.random.default_rng([7, 0])
    expected = _traffic.usual(2625, 24, life)
    unit = _traffic.spread(_traffic.normal(expected, life), expected)
    departure = np.max(
        [
            np.abs(table[name].to_numpy() - peace[name].to_numpy()).reshape(2625, 24) / getattr(unit, stream)
            for name, stream in (("data_packets", "sent"), ("signal_strength", "signal"))
        ],
        axis=0,
    )
    told = table["event_size"].fill_null(np.nan).to_numpy().reshape(2625, 24)
    for device in range(24):
        runs = np.flatnonzero(np.diff(np.nan_to_num(told[:, device]), prepend=0, append=0)).tolist()
        for start, end in pairwise(runs):
            if np.isfinite(told[start, device]):
                assert departure[start:end, device].max() == pytest.approx(told[start, device], abs=0.006)


def test_small_attacks_are_frequent_and_none_is_absurd(table: pl.DataFrame) -> None:
    attacks = table.filter(pl.col("label") == 1).unique(["device_id", "event", "event_size"])
    sizes = attacks["event_size"].to_numpy()
    assert sizes.max() <= 6.5
    assert 0.1 < np.mean(sizes < 1) < 0.4
    assert 0.15 < np.mean(sizes > 3) < 0.45


def caught_by_max_z(table: pl.DataFrame, channels: list[str]) -> float:
    events = caught = 0
    for _, own in table.group_by("device_id"):
        rows = max_z_recall(
            own.select(channels).to_numpy().astype(np.float64),
            label=own["label"].to_numpy() == 1,
            kind=own["event"].fill_null("").to_list(),
            size=own["event_size"].fill_null(np.nan).to_numpy(),
        )
        events, caught = events + sum(row.events for row in rows), caught + sum(row.caught for row in rows)
    return caught / events


def test_it_does_not_separate_trivially(table: pl.DataFrame, wide: pl.DataFrame) -> None:
    assert 0.05 < caught_by_max_z(table, COLUMNS[3:5]) < 0.5
    assert 0.05 < caught_by_max_z(wide, list(_flows.names())) < 0.5


def test_half_a_year_of_630_000_rows_takes_seconds() -> None:
    began = time.process_time()
    table = Network(rows=630_000).table()
    assert time.process_time() - began < 15
    assert table.height == 630_000
    span = table["time"].str.to_datetime()
    assert (span[-1] - span[0]).days == 182


def test_rows_that_do_not_part_evenly() -> None:
    assert Network(rows=2005).table().height == 2005
    assert Network(rows=500, devices=1).table()["device_id"].unique().to_list() == ["A001"]


@pytest.mark.parametrize("way", ["seasonal", "ageing", "maintenance"])
def test_drift_labels_nothing_and_moves_the_end(way: Any) -> None:
    moved, calm = (Network(rows=24_000, anomaly_share=0, drift=drift).table() for drift in (Drift(way), None))
    assert moved["label"].sum() == 0
    changed = (moved["signal_strength"] - calm["signal_strength"]).abs() + (
        moved["data_packets"] - calm["data_packets"]
    ).abs()
    assert changed[-2400:].mean() > 3 * changed[:2400].mean()  # type: ignore[operator]


def test_flow_statistics_have_the_published_layout(wide: pl.DataFrame) -> None:
    names = wide.columns[3:-4]
    assert len(names) == 115
    assert names[:3] == ["MI_dir_L5_weight", "MI_dir_L5_mean", "MI_dir_L5_variance"]
    families = {name.rsplit("_", 2)[0] for name in names}
    assert families == {"MI_dir", "H", "HH", "HH_jit", "HpHp"}
    figures = wide.select(names).to_numpy()
    assert np.isfinite(figures).all()
    assert (figures.std(axis=0) > 0).all()
    assert (np.abs(wide.select(name for name in names if name.endswith("pcc")).to_numpy()) <= 1.0001).all()


def test_damped_sums_equal_their_definition() -> None:
    rng = np.random.default_rng(0)
    streams = rng.uniform(1, 2, (300, 2, 3))
    first = _flows.damped(streams[:100], _flows.steady(streams))
    sums = np.concatenate([first, _flows.damped(streams[100:], first[-1])])
    for place, rate in enumerate(_flows.LAMBDAS):
        weights = 2.0 ** (-rate * np.arange(300))
        before = weights[1] / (1 - weights[1]) * streams.mean(axis=0)
        for row in (0, 1, 50, 299):
            seen = np.tensordot(weights[: row + 1], streams[row::-1], axes=1)
            np.testing.assert_allclose(sums[row, :, place], seen + weights[row] * before, rtol=1e-9)


def test_a_steady_stream_has_its_own_mean_and_the_spread_within_a_reading() -> None:
    steady = np.full((50, 1), 100.0)
    traffic = _traffic.Traffic(steady, steady, 2 * steady, steady, steady, steady)
    found = dict(zip(_flows.names(), _flows.flow_statistics(traffic, np.random.default_rng(0))[-1, 0], strict=True))
    assert found["MI_dir_L1_weight"] == pytest.approx(200)
    assert found["MI_dir_L1_mean"] == pytest.approx(200)
    assert found["MI_dir_L1_variance"] == pytest.approx(50**2)
    assert found["HH_L1_magnitude"] == pytest.approx(np.hypot(200, 100))
    assert found["HH_L1_covariance"] == pytest.approx(0, abs=1e-6)
    assert found["H_L1_mean"] == pytest.approx(150)


@pytest.mark.parametrize(
    ("network", "says"),
    [
        ({"rows": 100}, "100 rows of 24 devices are less than half a day of each. Ask for 1728 or more"),
        ({"features": 3}, "3 features are not simulated"),
        ({"kinds": ("spike",)}, "no events of kind 'spike'"),
        ({"anomaly_share": 0.5}, "anomaly_share is 0.5"),
    ],
)
def test_settings_that_cannot_work_are_refused(network: dict[str, Any], says: str) -> None:
    with pytest.raises(SettingError, match=says):
        Network(**network)
