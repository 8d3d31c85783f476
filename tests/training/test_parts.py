"""Parts by time: where they end, and that no window looks into two of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.kinds import Kind
from tocsin.prepare.clock import Clock
from tocsin.prepare.impute import Impute
from tocsin.sources import open_table
from tocsin.training.parts import Parts, split, windows_of

MINUTE = 60 * 10**9


def parted(values: np.ndarray, *, length: int, minutes: np.ndarray | None = None, label: object = None) -> Parts:
    """Part readings of one channel, taken at ``minutes``."""
    when = np.arange(len(values)) if minutes is None else minutes
    columns = {"time": np.datetime64("2024-01-01", "ns") + when * np.timedelta64(60, "s"), "a": values}
    table = open_table(pl.DataFrame(columns if label is None else {**columns, "label": label}))
    clock = Clock(1, MINUTE, hold=2, restart=2 + length)
    return split(table, clock=clock, impute=Impute(1, hold_ns=2 * MINUTE + MINUTE // 2), length=length)


@settings(max_examples=30, deadline=None)
@given(rows=st.integers(40, 300), length=st.integers(1, 12))
def test_parts_hold_70_15_15_and_no_window_straddles_two(rows: int, length: int) -> None:
    found = parted(np.arange(float(rows)), length=length)
    windows = rows - length + 1
    first, second = (length - 1 + int(share * windows) for share in (0.70, 0.85))
    ends = (found.training, found.validation, found.calibration)
    for end, (start, stop) in zip(ends, ((0, first), (first, second), (second, rows)), strict=True):
        np.testing.assert_array_equal(end, np.arange(start + length - 1, stop))


def test_with_nothing_to_calibrate_the_validation_part_has_the_rest() -> None:
    table = open_table(pl.DataFrame({"a": np.sin(np.arange(100.0))}))
    clock = Clock(1, 1, align=False, hold=2, restart=4)
    found = split(table, clock=clock, impute=Impute(1, hold_ns=2), length=2, held_out=0.0)
    assert found.training.tolist() == list(range(1, 70))
    assert found.validation.tolist() == list(range(71, 100))
    assert not len(found.calibration)


@pytest.mark.parametrize(("kind", "bridge"), [("real", 4.0), ("binary", 0.0), ("degrees", 0.0), ("one_hot", 0.0)])
def test_inside_the_training_part_no_line_is_drawn_between_two_states_or_angles(kind: Kind, bridge: float) -> None:
    values = np.where(np.arange(100) % 2 == 0, 0.0, 8.0)
    values[11] = np.nan
    values[10:13:2] = (0.0, 8.0)
    table = open_table(pl.DataFrame({"a": values}))
    clock = Clock(1, 1, hold=2, restart=4)
    found = split(table, clock=clock, impute=Impute(1, hold_ns=2), length=2, kinds=[kind])
    assert found.series[11, 0] == bridge


def test_counters_come_out_as_rates() -> None:
    table = open_table(pl.DataFrame({"a": 2e7 + np.arange(100.0) * 0.25}))
    found = split(table, clock=Clock(1, 1), impute=Impute(1, hold_ns=2), length=2, kinds=["counter"])
    assert (found.series == 0.25).all()


def test_windows_carry_the_readings_that_end_in_them() -> None:
    found = parted(np.arange(100.0), length=3)
    windows = windows_of(found.series, found, length=3)
    assert windows.take(np.array([0, 67]))[:, :, 0].tolist() == [[0, 1, 2], [67, 68, 69]]
    assert windows.validation is not None
    assert windows.validation.take(np.array([0]))[0, :, 0].tolist() == [70, 71, 72]


def test_windows_with_a_labelled_row_are_kept_out() -> None:
    label = np.zeros(100, np.int64)
    label[[20, 21, 90]] = 1
    found = parted(np.arange(100.0), length=4, label=label)
    assert set(range(3, 69)) - set(found.training.tolist()) == {20, 21, 22, 23, 24}
    assert set(range(88, 100)) - set(found.calibration.tolist()) == {90, 91, 92, 93}
    assert found.kept_out == 9


def test_short_gaps_are_drawn_straight_in_the_training_part_and_held_behind_it() -> None:
    minutes = np.delete(np.arange(102), [11, 81])
    values = minutes.astype(np.float64)
    found = parted(np.where(np.isin(minutes, [10, 80]), np.nan, values), length=1, minutes=minutes)
    assert found.series[10, 0] == 10.0
    assert found.series[79, 0] == 79.0


def test_nothing_is_drawn_from_the_training_part_to_the_next() -> None:
    values = np.zeros(100)
    values[70:] = 1000.0
    values[69] = np.nan
    assert parted(values, length=1).series[69, 0] == 0.0


def test_a_value_held_too_long_makes_no_window() -> None:
    values = np.arange(100.0)
    values[75:79] = np.nan
    found = parted(values, length=2)
    assert set(range(71, 85)) - set(found.validation.tolist()) == {77, 78, 79}


def test_a_pause_longer_than_the_hold_makes_no_window() -> None:
    found = parted(
        np.arange(100.0), length=3, minutes=np.where(np.arange(100) < 40, np.arange(100), np.arange(100) + 3)
    )
    assert set(range(2, 70)) - set(found.training.tolist()) == {40, 41}
