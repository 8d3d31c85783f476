from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.decomposition import PCA

from tocsin.core.errors import InputError, SettingError
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.lab.baselines import CALIBRATION, NAMES, RATE, baseline


@pytest.fixture(scope="module")
def table() -> Table:
    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(2000, 2))
    values = hidden @ rng.normal(size=(2, 4)) + 0.1 * rng.normal(size=(2000, 4)) + 5
    labels = np.zeros(2000, np.int64)
    labels[1500:1520] = 1
    values[1500:1520] += 8 * rng.normal(size=(20, 4))
    frame = pl.DataFrame({f"c{k}": values[:, k] for k in range(4)}).with_columns(label=labels)
    return open_table(frame)


LEARN = np.arange(2000) < 1000


@pytest.mark.parametrize("name", NAMES)
def test_only_the_judged_part_comes_back(table: Table, name: str) -> None:
    outcome = baseline(name, table, learn=LEARN, judged=~LEARN)
    assert len(outcome) == 1000
    assert outcome.labels.sum() == 20
    assert np.isfinite(outcome.score).all()


def test_max_z_is_computed_from_the_first_normal_readings(table: Table) -> None:
    outcome = baseline("max |z|", table, learn=LEARN, judged=~LEARN)
    first = table.readings.values[: 1000 - round(CALIBRATION * 1000)]
    expected = (np.abs(table.readings.values - first.mean(axis=0)) / first.std(axis=0)).max(axis=1)
    np.testing.assert_allclose(outcome.score, expected[1000:])
    assert outcome.limit[0] == pytest.approx(np.quantile(expected[850:1000], 1 - RATE))
    np.testing.assert_array_equal(outcome.anomaly, outcome.score > outcome.limit)


def test_pca_error_is_scikit_learns(table: Table) -> None:
    outcome = baseline("PCA error", table, learn=LEARN, judged=~LEARN)
    first = table.readings.values[:850]
    scaled = (table.readings.values - first.mean(axis=0)) / first.std(axis=0)
    pca = PCA(2).fit(scaled[:850])  # two hidden movements make up 90 % of the variance
    rest = scaled - pca.inverse_transform(pca.transform(scaled))
    np.testing.assert_allclose(outcome.score, (rest**2).mean(axis=1)[1000:], rtol=1e-8)


def test_all_ones_flags_all_and_random_keeps_its_promise(table: Table) -> None:
    assert baseline("all-ones", table, learn=LEARN, judged=~LEARN).anomaly.all()
    one, same, other = (baseline("random", table, learn=LEARN, judged=~LEARN, seed=s) for s in (0, 0, 1))
    np.testing.assert_array_equal(one.score, same.score)
    assert not np.array_equal(one.score, other.score)
    assert one.anomaly.mean() < 0.03


def test_labelled_readings_teach_nothing(table: Table) -> None:
    late = np.arange(2000) >= 1000
    outcome = baseline("max |z|", table, learn=late, judged=~late)
    clean = table.readings.values[late & ~np.asarray(table.labels)][: 980 - round(CALIBRATION * 980)]
    expected = (np.abs(table.readings.values - clean.mean(axis=0)) / clean.std(axis=0)).max(axis=1)
    np.testing.assert_allclose(outcome.score, expected[:1000])


def test_gaps_take_the_last_known_value_of_their_device() -> None:
    device = np.repeat(["a", "b"], 50)
    value = np.where(np.arange(100) % 2 == 0, 1.0, 2.0)
    value[[10, 50, 51]] = np.nan
    frame = pl.DataFrame({"time": np.tile(np.arange(50), 2), "device": device, "value": value, "other": value + 1})
    frame = frame.with_columns(pl.Series("label", np.arange(100) == 99).cast(pl.Int64)).fill_nan(None)
    table = open_table(frame).in_time_order()
    everything = np.ones(100, np.bool_)
    score = baseline("max |z|", table, learn=everything, judged=everything).score
    assert score[10] == score[9]  # held
    assert score[50] == score[51] == score[52]  # the device's first known value, not the other device's last


def test_bad_questions_are_refused(table: Table) -> None:
    with pytest.raises(SettingError, match="no baseline 'luck'"):
        baseline("luck", table, learn=LEARN, judged=~LEARN)
    with pytest.raises(InputError, match="two normal readings"):
        baseline("random", table, learn=LEARN & False, judged=~LEARN)


def test_the_limit_is_of_the_last_readings_in_time_not_of_the_last_device() -> None:
    rng, rows = np.random.default_rng(0), 300
    frames = [
        pl.DataFrame(
            {"time": np.arange(rows), "device": [f"d{k}"] * rows, "x": rng.normal(size=rows) * (1 + 9 * (k == 4))}
        )
        for k in range(5)
    ]
    frame = pl.concat(frames).with_columns(label=pl.col("time") == rows - 1)
    table = open_table(
        frame, overrides=Overrides(time=("time",), time_format="epoch_s", device="device")
    ).in_time_order()
    learn = table.readings.time < 200 * 10**9
    outcome = baseline("max |z|", table, learn=learn, judged=~learn)
    early = table.readings.values[table.readings.time < 170 * 10**9, 0]
    late = table.readings.values[learn & (table.readings.time >= 170 * 10**9), 0]
    expected = np.quantile(np.abs(late - early.mean()) / early.std(), 1 - RATE)
    assert outcome.limit[0] == pytest.approx(expected)
