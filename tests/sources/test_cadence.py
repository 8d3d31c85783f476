from __future__ import annotations

import numpy as np
import pytest

from tocsin.sources import Cadence

MINUTE = 60 * 10**9


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
