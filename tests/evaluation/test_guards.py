"""Planted leaks: each must end the evaluation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows
from tocsin.evaluation.guards import LeakError, check_blind, check_split
from tocsin.prepare.scale import Scale


@pytest.fixture
def values() -> FloatArray:
    return np.random.default_rng(0).normal(size=(400, 3))


@pytest.fixture
def judged() -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.arange(400) >= 300


def test_shuffled_windows_are_caught() -> None:
    judged = np.random.default_rng(1).random(400) < 0.2
    with pytest.raises(LeakError, match=r"A window of 10 readings that ends in row \d+ is learned from, but holds row"):
        check_split(~judged, judged, np.zeros(400, np.int64), window=10)


def test_shuffled_single_readings_leak_no_window() -> None:
    judged = np.random.default_rng(1).random(400) < 0.2
    check_split(~judged, judged, np.zeros(400, np.int64), window=1)


def test_a_window_that_straddles_the_split_is_caught() -> None:
    judged = np.zeros(100, np.bool_)
    judged[40:60] = True
    learn = ~judged
    learn[60:68] = False  # a gap of eight, and windows of ten
    with pytest.raises(LeakError, match="ends in row 68 is learned from, but holds row 59"):
        check_split(learn, judged, np.zeros(100, np.int64), window=10)
    learn[68] = False
    check_split(learn, judged, np.zeros(100, np.int64), window=10)


def test_another_devices_readings_are_no_neighbours() -> None:
    device = np.repeat([0, 1], 20)
    check_split(device == 1, device == 0, device, window=10)
    mixed = np.tile([0, 1], 20)
    check_split(mixed == 1, mixed == 0, mixed, window=10)


def test_a_reading_both_learned_and_judged_is_caught() -> None:
    both = np.ones(5, np.bool_)
    with pytest.raises(LeakError, match="5 readings are both"):
        check_split(both, both, np.zeros(5, np.int64), window=1)


def scaler(values: FloatArray, rows: slice) -> Sequence[object]:
    series = values[rows].astype(np.float32)
    found = Scale("minmax").fit(Windows(series, np.arange(9, len(series)), 10))
    return [found.offset, found.factor]


def test_a_scaler_that_saw_the_judged_part_is_caught(values: FloatArray, judged: FloatArray) -> None:
    check_blind(lambda seen: scaler(seen, slice(0, 300)), values, judged.astype(bool))
    with pytest.raises(LeakError, match="2 of 2 things learned depend on readings that are judged"):
        check_blind(lambda seen: scaler(seen, slice(None)), values, judged.astype(bool))


def test_missing_values_stay_missing_when_poisoned(values: FloatArray, judged: FloatArray) -> None:
    values[350, 0] = np.nan
    check_blind(lambda seen: [np.isnan(seen).sum(), b"bytes"], values, judged.astype(bool))
