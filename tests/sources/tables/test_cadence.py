from __future__ import annotations

import numpy as np
import pytest

from tocsin.sources import Cadence

SECOND = 10**9
MINUTE = 60 * SECOND


def test_gaps_of_whole_periods_stay_on_the_grid() -> None:
    steps = np.array([MINUTE] * 90 + [3 * MINUTE] * 10)
    assert Cadence.of(steps) == Cadence(MINUTE, regular=True)


@pytest.mark.parametrize(("jitter", "regular"), [(0.009, True), (0.011, False)])
def test_jitter(jitter: float, regular: bool) -> None:
    steps = np.array([MINUTE] * 60 + [int(MINUTE * (1 + jitter))] * 40)
    assert Cadence.of(steps).regular is regular


@pytest.mark.parametrize(("repeats", "regular"), [(1, True), (2, False)])
def test_repeats(repeats: int, regular: bool) -> None:
    assert Cadence.of(np.array([MINUTE] * (100 - repeats) + [0] * repeats)).regular is regular


@pytest.mark.parametrize(("off", "regular"), [(1, True), (2, False)])
def test_steps_off_the_grid(off: int, regular: bool) -> None:
    assert Cadence.of(np.array([MINUTE] * (100 - off) + [MINUTE * 3 // 2] * off)).regular is regular


def test_steps_far_below_the_period_are_off_the_grid() -> None:
    assert not Cadence.of(np.array([MINUTE] * 90 + [1] * 10)).regular


def test_no_step_at_all() -> None:
    assert Cadence.of(np.array([], np.int64)) == Cadence(1, regular=False)
    assert Cadence.of(np.array([0, 0])) == Cadence(1, regular=False)


@pytest.mark.parametrize(
    ("median_s", "meant_s"),
    [(59.91, 60), (62.9, 60), (10.3, 10), (3_650, 3_600), (83_000, 86_400), (0.101, 0.1), (37, 37), (80_000, 80_000)],
)
def test_an_irregular_period_is_the_round_one_that_is_meant(median_s: float, meant_s: float) -> None:
    found = Cadence.of((np.array([0.7, 1, 1.3] * 40) * median_s * SECOND).astype(np.int64))
    assert found == Cadence(int(meant_s * SECOND), regular=False)


def test_readings_up_to_25_s_late_come_every_minute() -> None:
    time = np.arange(2_000) * MINUTE + np.random.default_rng(0).integers(0, 25 * SECOND, 2_000)
    found = Cadence.of(np.diff(time))
    assert found == Cadence(MINUTE, regular=False)
    assert found.text() == "irregular, mostly every 1 min"


def test_a_regular_grid_keeps_its_exact_period() -> None:
    assert Cadence.of(np.full(100, 59_910 * 10**6)) == Cadence(59_910 * 10**6, regular=True)


def test_the_fastest_channel_sets_the_period_and_the_slowest_is_told() -> None:
    steps = np.random.default_rng(0).integers(1, 19 * SECOND, 500)
    found = Cadence.of(steps, np.array([10 * SECOND + 7, 60 * SECOND - 11]))
    assert found == Cadence(10 * SECOND, regular=False, slowest_ns=60 * SECOND)


def test_a_slow_channel_of_a_regular_table_is_told() -> None:
    found = Cadence.of(np.full(100, 10 * SECOND), np.array([10 * SECOND, 60 * SECOND]))
    assert found == Cadence(10 * SECOND, regular=True, slowest_ns=60 * SECOND)
