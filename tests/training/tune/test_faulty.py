"""Faults are put where they may be, labelled, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.engine.reporting import kinds_of
from tocsin.sources import Table, open_table
from tocsin.training.rehearse import USUAL_KINDS
from tocsin.training.simulate.environment import Environment
from tocsin.training.tune.faulty import SIZES, with_faults


@pytest.fixture(scope="module")
def calm() -> Table:
    table = open_table(Environment(rows=3000, seed=5, anomaly_share=0.0).table()).in_time_order()
    return replace(table, labels=None)


def rows_of(table: Table, first: int, last: int) -> BoolArray:
    row = np.arange(len(table))
    return (row >= first) & (row < last)


def test_faults_lie_where_they_may_and_are_labelled(calm: Table) -> None:
    rows = rows_of(calm, 1000, 2500)
    found = with_faults(calm, rows=rows, seed=0)
    changed = (found.readings.values != calm.readings.values).any(axis=1)
    assert found.labels is not None
    assert changed.sum() > 50
    assert not (changed & ~found.labels).any()
    assert not (found.labels & ~rows).any()
    assert calm.labels is None


def test_kinds_and_sizes_take_turns(calm: Table) -> None:
    found = with_faults(calm, rows=rows_of(calm, 0, 3000), seed=0)
    told = kinds_of(found)
    assert told is not None
    kind, size = told
    assert set(kind.tolist()) == {"", *USUAL_KINDS}
    assert size is not None
    assert set(size[np.isfinite(size)].tolist()) == set(SIZES)
    np.testing.assert_array_equal(kind != "", found.labels)


def test_each_fault_stands_alone(calm: Table) -> None:
    found = with_faults(calm, rows=rows_of(calm, 0, 3000), seed=3)
    assert found.labels is not None
    edges = np.diff(np.flatnonzero(np.diff(found.labels.astype(int), prepend=0, append=0)))
    assert edges[1::2].min() >= 12 + 6  # from the end of one to the start of the next
    assert 0.1 < found.labels.mean() < 0.3


def test_the_seed_decides(calm: Table) -> None:
    rows = rows_of(calm, 500, 2500)
    one, same, other = (with_faults(calm, rows=rows, seed=seed).readings.values for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_labelled_readings_are_left_alone(calm: Table) -> None:
    labels = rows_of(calm, 1100, 1200)
    labelled = replace(calm, labels=labels)
    found = with_faults(labelled, rows=rows_of(calm, 1000, 2500), seed=0)
    assert found.labels is not None
    np.testing.assert_array_equal(found.readings.values[labels], calm.readings.values[labels])
    assert found.labels[labels].all()


def test_missing_values_and_still_channels_get_no_fault() -> None:
    rng = np.random.default_rng(0)
    gaps = np.where(np.arange(2000) % 400 < 200, np.nan, rng.normal(size=2000))
    frame = pl.DataFrame({"gaps": gaps, "still": np.full(2000, 7.0), "moves": rng.normal(size=2000)})
    table = open_table(frame).in_time_order()
    found = with_faults(table, rows=np.ones(2000, np.bool_), seed=0)
    np.testing.assert_array_equal(found.readings.values[:, 1], table.readings.values[:, 1])
    np.testing.assert_array_equal(np.isnan(found.readings.values), np.isnan(table.readings.values))
    assert found.labels is not None
    touched = found.labels & (found.readings.values[:, 0] != table.readings.values[:, 0])
    assert not (touched & ~np.isnan(gaps) & ~found.labels).any()


def test_devices_do_not_share_a_fault() -> None:
    frames = [
        Environment(rows=700, seed=k, anomaly_share=0.0).table().with_columns(device=pl.lit(f"room {k}"))
        for k in range(2)
    ]
    table = open_table(pl.concat(frames)).in_time_order()
    found = with_faults(table, rows=np.ones(1400, np.bool_), seed=0)
    assert found.labels is not None
    border = int(np.flatnonzero(np.diff(table.readings.device))[0])
    assert not found.labels[border - 4 : border + 6].any()
    assert found.labels[:700].any()
    assert found.labels[700:].any()


def test_too_few_readings_are_told(calm: Table) -> None:
    with pytest.raises(InputError, match="faults find a place in 100 readings"):
        with_faults(calm, rows=rows_of(calm, 0, 100), seed=0)


def test_a_contextual_fault_shows_what_was_read_at_another_time(calm: Table) -> None:
    found = with_faults(calm, rows=np.ones(len(calm), np.bool_), seed=0)
    told = kinds_of(found)
    assert told is not None
    contextual = np.flatnonzero(told[0] == "contextual")
    channel = np.flatnonzero((found.readings.values[contextual] != calm.readings.values[contextual]).any(axis=0))
    for k in channel:
        assert np.isin(found.readings.values[contextual, k], calm.readings.values[:, k]).all()
