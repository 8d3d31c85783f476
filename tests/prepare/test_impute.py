"""Holding values: hand-computed, and the law of state."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.prepare import Bins
from tocsin.prepare.impute import Impute
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold

N = np.nan


def bins(values: list[list[float]], end: list[int], fresh: list[bool] | None = None) -> Bins:
    n = len(end)
    start = np.zeros((1, n), np.bool_) if fresh is None else np.array([fresh])
    return Bins(np.array([end]), np.array([values], float), start, np.zeros((1, n), np.bool_))


def test_a_value_is_held_for_so_long_and_no_longer() -> None:
    step = Impute(1, hold_ns=20)
    _, out = step.scan(
        step.init(1), bins([[N], [1], [N], [N], [N], [2]], [0, 10, 20, 30, 40, 50]), np.ones((1, 6), bool)
    )
    assert np.array_equal(out[0, :, 0], [N, 1, 1, 1, N, 2], equal_nan=True)


def test_nothing_is_held_over_a_restart() -> None:
    step = Impute(1, hold_ns=100)
    block = bins([[1], [N], [N]], [0, 10, 20], [False, False, True])
    _, out = step.scan(step.init(1), block, np.ones((1, 3), bool))
    assert np.array_equal(out[0, :, 0], [1, 1, N], equal_nan=True)


def test_inside_the_training_part_short_gaps_are_drawn_straight_and_long_ones_left() -> None:
    step = Impute(1, hold_ns=25)
    values = [[0.0], [N], [2.0], [N], [N], [N], [N], [7.0]]
    block = bins(values, list(range(0, 80, 10)))
    flat = Bins(block.end[0], block.values[0], block.fresh[0], block.jump[0])
    assert np.array_equal(step.between(flat)[:, 0], [0, 1, 2, N, N, N, N, 7], equal_nan=True)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 20), max_size=4))
def test_scan_equals_steps(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    shape = (3, 20)
    values = np.where(rng.random((*shape, 2)) < 0.5, N, rng.normal(size=(*shape, 2)))
    end = np.cumsum(rng.integers(1, 5, size=shape), axis=1) * 10
    valid = np.arange(20)[None] < rng.integers(0, 21, size=(3, 1))
    block = Bins(end, values, rng.random(shape) < 0.1, np.zeros(shape, bool))
    step = Impute(2, hold_ns=40)
    check_scan_is_fold(step, block, valid, cuts=cuts)
    check_devices_apart(step, block, valid)
