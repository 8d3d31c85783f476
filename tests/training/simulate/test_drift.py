"""Drift moves levels slowly, in the channels' own units, and repeatably."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.training.simulate import Drift

UNIT = np.array([1.0, 10.0, 0.1])


def shift(way: Any, *, size: float = 2.0, seed: int = 0, rows: int = 4000) -> FloatArray:
    return Drift(way, size).shift(rows, UNIT, rng=np.random.default_rng(seed))


def test_seasonal_begins_at_nothing_and_slowly_goes_all_the_way_in_one_channel_at_least() -> None:
    moved = shift("seasonal") / UNIT
    np.testing.assert_allclose(moved[0], 0)
    assert np.abs(moved[-1]).max() == pytest.approx(2, abs=0.001)
    assert np.abs(moved[-1]).min() >= 0.99
    assert np.abs(np.diff(moved, axis=0)).max() < 0.002


def test_ageing_touches_one_channel_whose_offset_and_noise_grow() -> None:
    moved = shift("ageing", rows=40_000) / UNIT
    aged = np.abs(moved).max(axis=0) > 0
    assert aged.sum() == 1
    parts = np.split(moved[:, aged.argmax()], 4)
    middles, noises = [abs(part.mean()) for part in parts], [np.diff(part).std() for part in parts]
    np.testing.assert_allclose(middles, [0.25, 0.75, 1.25, 1.75], atol=0.05)
    assert noises == sorted(noises)


def test_maintenance_is_one_step_between_two_regimes() -> None:
    moved = shift("maintenance") / UNIT
    regimes = np.unique(moved, axis=0)
    (step,) = np.flatnonzero(np.any(np.diff(moved, axis=0) != 0, axis=1))
    assert len(regimes) == 2
    assert 0.55 <= step / 4000 <= 0.75
    assert np.abs(moved[-1]).max() == pytest.approx(2)


@pytest.mark.parametrize("way", ["seasonal", "ageing", "maintenance"])
def test_same_chance_same_drift_and_the_size_scales_it(way: str) -> None:
    np.testing.assert_array_equal(shift(way), shift(way))
    np.testing.assert_allclose(shift(way, size=6), 3 * shift(way))
    assert not np.array_equal(shift(way), shift(way, seed=1))


def test_what_cannot_drift_is_refused() -> None:
    with pytest.raises(SettingError, match="Choose: seasonal, ageing, maintenance"):
        shift("sudden")
    with pytest.raises(SettingError, match="size is 0"):
        shift("ageing", size=0)
