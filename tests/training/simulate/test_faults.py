"""Faults do to an array what their names say, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.training.simulate import KINDS, Fault, inject

UNIT = np.array([2.0, 10.0])


def steady(rows: int = 8) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.tile(np.array([20.0, 50.0]), (rows, 1))


@pytest.mark.parametrize(
    ("fault", "channel", "expected"),
    [
        (Fault("spike", 1, 3, (0,), 4.0), 0, [20, 28, 24, 22, 20, 20, 20, 20]),
        (Fault("drop", 2, 4, (1,), 1.5), 1, [50, 50, 35, 35, 35, 35, 50, 50]),
        (Fault("level_shift", 2, 4, (1,), 1.5), 1, [50, 50, 65, 65, 65, 65, 50, 50]),
        (Fault("level_shift", 2, 4, (1,), -1.5), 1, [50, 50, 35, 35, 35, 35, 50, 50]),
        (Fault("drift", 2, 4, (0,), 2.0), 0, [20, 20, 21, 22, 23, 24, 20, 20]),
        (Fault("drift", 2, 4, (0,), -2.0), 0, [20, 20, 19, 18, 17, 16, 20, 20]),
        (Fault("dropout", 0, 2, (1,), 3.0), 1, [20, 20, 50, 50, 50, 50, 50, 50]),
        (Fault("dropout", 0, 2, (1,), 9.0), 1, [0, 0, 50, 50, 50, 50, 50, 50]),
        (Fault("co_deviation", 2, 3, (0, 1), 2.0), 1, [50, 50, 60, 70, 60, 50, 50, 50]),
    ],
)
def test_each_kind_by_hand(fault: Fault, channel: int, expected: list[float]) -> None:
    np.testing.assert_allclose(inject(steady(), [fault], deviation=UNIT)[:, channel], expected)


def test_stuck_repeats_the_first_value() -> None:
    rising = np.arange(6.0)[:, None]
    assert inject(rising, [Fault("stuck", 2, 3, (0,))])[:, 0].tolist() == [0, 1, 2, 2, 2, 5]


def test_contextual_shows_the_readings_of_another_time_earlier_or_later() -> None:
    rising = np.arange(8.0)[:, None]
    assert inject(rising, [Fault("contextual", 4, 2, (0,), lag=3)])[:, 0].tolist() == [0, 1, 2, 3, 1, 2, 6, 7]
    assert inject(rising, [Fault("contextual", 1, 2, (0,), lag=-4)])[:, 0].tolist() == [0, 5, 6, 3, 4, 5, 6, 7]


def test_contextual_shows_what_was_read_and_not_another_fault() -> None:
    rising = np.arange(8.0)[:, None]
    faults = [Fault("level_shift", 1, 2, (0,), 50.0), Fault("contextual", 4, 2, (0,), lag=3)]
    assert inject(rising, faults)[4:6, 0].tolist() == [1, 2]


def test_a_noise_burst_has_the_deviation_asked_for_and_its_seed_decides() -> None:
    quiet = np.zeros((4000, 2))
    fault = Fault("noise_burst", 0, 4000, (0, 1), 3.0, seed=5)
    noise = inject(quiet, [fault], deviation=UNIT)
    np.testing.assert_allclose(noise.std(axis=0), 3 * UNIT, rtol=0.05)
    assert abs(np.mean(noise[:, 0] * noise[:, 1])) < 0.05 * 9 * 2 * 10
    np.testing.assert_array_equal(noise, inject(quiet, [fault], deviation=UNIT))
    other = Fault("noise_burst", 0, 4000, (0, 1), 3.0, seed=6)
    assert (inject(quiet, [other], deviation=UNIT) != noise).all()


def test_co_deviation_moves_every_channel_by_its_own_unit() -> None:
    moved = inject(steady(), [Fault("co_deviation", 2, 3, (0, 1), 2.0)], deviation=UNIT) - steady()
    np.testing.assert_allclose(moved[:, 1], 5 * moved[:, 0])


def test_a_dropout_comes_towards_zero_from_below_too() -> None:
    below = inject(-steady(), [Fault("dropout", 0, 1, (0,), 1.0)], deviation=UNIT)
    assert below[0, 0] == -18


def test_the_unit_is_the_column_s_spread_unless_told_and_ignores_gaps() -> None:
    values = np.array([[0.0], [2.0], [np.nan], [0.0], [2.0]])
    faulty = inject(values, [Fault("drop", 0, 2, (0,), 3.0)])
    np.testing.assert_array_equal(faulty[:, 0], [-3, -1, np.nan, 0, 2])


@given(
    kind=st.sampled_from(list(KINDS)),
    start=st.integers(8, 30),
    length=st.integers(1, 10),
    channels=st.sets(st.integers(0, 2), min_size=1),
    size=st.floats(0.5, 6),
)
def test_nothing_but_the_named_readings_changes_and_the_input_stays(
    kind: str, start: int, length: int, channels: set[int], size: float
) -> None:
    values = np.random.default_rng(1).normal(30, 3, (40, 3))
    before = values.copy()
    faulty = inject(values, [Fault(kind, start, length, tuple(sorted(channels)), size, lag=8)])
    np.testing.assert_array_equal(values, before)
    hit = np.zeros(values.shape, bool)
    hit[start : start + length, list(channels)] = True
    np.testing.assert_array_equal(faulty[~hit], values[~hit])
    if KINDS[kind].sized:
        assert (faulty[hit] != values[hit]).all()
    if KINDS[kind].sized and kind != "noise_burst":
        assert np.abs((faulty - values) / values.std(axis=0)).max() <= size + 1e-9


def test_faults_happen_one_after_the_other() -> None:
    faults = [Fault("drop", 0, 2, (0,), 1.0), Fault("stuck", 1, 3, (0,))]
    assert inject(steady(), faults, deviation=UNIT)[:4, 0].tolist() == [18, 18, 18, 18]


@pytest.mark.parametrize(
    ("kind", "start", "length", "channels"),
    [("leak", 0, 1, (0,)), ("spike", -1, 1, (0,)), ("spike", 0, 0, (0,)), ("spike", 0, 1, ())],
)
def test_impossible_faults_are_refused(kind: str, start: int, length: int, channels: tuple[int, ...]) -> None:
    with pytest.raises(SettingError):
        Fault(kind, start, length, channels)


def test_contextual_without_another_time_is_refused() -> None:
    with pytest.raises(SettingError, match="Give a lag"):
        Fault("contextual", 4, 2, (0,))


OUTSIDE = [
    Fault("spike", 7, 2, (0,)),
    Fault("spike", 0, 1, (2,)),
    Fault("contextual", 2, 2, (0,), lag=3),
    Fault("contextual", 4, 2, (0,), lag=-3),
]


@pytest.mark.parametrize("fault", OUTSIDE)
def test_faults_outside_the_readings_are_refused(fault: Fault) -> None:
    with pytest.raises(SettingError, match="outside the 8 × 2 readings"):
        inject(steady(), [fault])
