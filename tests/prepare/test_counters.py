"""Counters become rates: worked out by hand, exact where float32 is not, and lawful."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.prepare import Bins
from tocsin.prepare.counters import Counters
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold

N = np.nan


def rates(values: list[float], end: list[int], fresh: list[int] | None = None) -> list[float]:
    """Return the rates of one counter with a period of 10 ns."""
    n = len(end)
    block = Bins(
        np.array([end]),
        np.array(values, float)[None, :, None],
        np.isin(np.arange(n), fresh or [])[None],
        np.zeros((1, n), bool),
    )
    step = Counters((0,), period_ns=10)
    found: list[float] = step.scan(step.init(1), block, np.ones((1, n), bool))[1].values[0, :, 0].tolist()
    return found


def test_a_rate_is_the_rise_per_period_since_the_last_news() -> None:
    np.testing.assert_array_equal(rates([7, 9, N, N, 15, 15], [10, 20, 30, 40, 50, 60]), [N, 2, N, N, 2, 0])


def test_a_silence_without_a_row_counts_as_one_with_rows() -> None:
    np.testing.assert_array_equal(rates([7, 15], [10, 51]), [N, 2])


def test_a_fall_is_a_reset_and_no_news() -> None:
    np.testing.assert_array_equal(rates([90, 95, 3, 8], [10, 20, 30, 40]), [N, 5, N, 5])


def test_nothing_is_compared_with_what_lies_before_a_restart() -> None:
    np.testing.assert_array_equal(rates([1, 2, 50, 53], [10, 20, 900, 910], fresh=[2]), [N, 1, N, 3])


def test_a_great_counter_keeps_its_steps() -> None:
    kwh = 2e7 + np.arange(5) * 0.03125
    np.testing.assert_array_equal(rates(kwh.tolist(), [10, 20, 30, 40, 50])[1:], [0.03125] * 4)
    assert np.ptp(kwh.astype(np.float32)) == 0


def test_other_channels_are_left_alone_and_inputs_too() -> None:
    values = np.array([[[1.0, 5.0], [2.0, 6.0]]])
    block = Bins(np.array([[10, 20]]), values, np.zeros((1, 2), bool), np.zeros((1, 2), bool))
    step = Counters.of(["real", "counter"], period_ns=10)
    _, out = step.scan(step.init(1), block, np.ones((1, 2), bool))
    np.testing.assert_array_equal(out.values, [[[1, N], [2, 1]]])
    np.testing.assert_array_equal(values, [[[1, 5], [2, 6]]])


def test_without_counters_nothing_happens() -> None:
    block = Bins(np.array([[10]]), np.array([[[1.0]]]), np.zeros((1, 1), bool), np.zeros((1, 1), bool))
    step = Counters.of(["real"], period_ns=10)
    assert step.scan(step.init(1), block, np.ones((1, 1), bool))[1] is block


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(0, 20), max_size=4))
def test_scan_equals_steps(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    shape = (3, 20)
    values = np.where(rng.random((*shape, 3)) < 0.4, N, rng.integers(0, 9, size=(*shape, 3)) / 7)
    end = np.cumsum(rng.integers(1, 5, size=shape), axis=1) * 7
    valid = np.arange(20)[None] < rng.integers(0, 21, size=(3, 1))
    block = Bins(end, values, rng.random(shape) < 0.1, np.zeros(shape, bool))
    step = Counters((0, 2), period_ns=10)
    check_scan_is_fold(step, block, valid, cuts=cuts)
    check_devices_apart(step, block, valid)
