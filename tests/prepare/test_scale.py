"""Scaling against scikit-learn, and channels that hardly vary."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.prepare.scale import CLIP, STILL, Scale


@pytest.fixture
def rows() -> np.ndarray:
    rng = np.random.default_rng(0)
    return (rng.normal(size=(500, 3)) * [1, 50, 0.5] + [0, 1000, -3]).astype(np.float32)


@pytest.mark.parametrize(("method", "reference"), [("minmax", MinMaxScaler()), ("zscore", StandardScaler())])
def test_it_agrees_with_scikit_learn(method: str, reference: MinMaxScaler, rows: np.ndarray) -> None:
    found = Scale(method).spread(rows)(rows)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, reference.fit_transform(rows.astype(np.float64)), atol=1e-4)


def test_robust_is_untouched_by_one_wild_value(rows: np.ndarray) -> None:
    wild = rows.copy()
    wild[0] = 1e6
    one, other = Scale("robust").spread(rows), Scale("robust").spread(wild)
    np.testing.assert_allclose(one.factor, other.factor, rtol=0.02)


@pytest.mark.parametrize("method", ["minmax", "zscore", "robust"])
def test_a_constant_channel_does_not_explode(method: str) -> None:
    flat = np.column_stack([np.full(50, 50.0), np.zeros(50)]).astype(np.float32)
    scaling = Scale(method).spread(flat)  # type: ignore[arg-type]
    moved = scaling(np.array([[50.1, 1.0]], np.float32)) - scaling(flat[:1])
    np.testing.assert_allclose(moved, [[2.0, 1.0]], atol=1e-3)
    assert np.abs(scaling(np.array([[1e30, -1e30]], np.float32))).max() == CLIP


def test_a_channel_that_varies_little_about_a_high_level_keeps_its_own_scale() -> None:
    pressure = (1013 + 4 * np.sin(np.arange(200.0)))[:, None].astype(np.float32)
    np.testing.assert_allclose(np.ptp(Scale("minmax").spread(pressure)(pressure)), 1, atol=1e-4)


def test_only_readings_inside_training_windows_are_seen(rows: np.ndarray) -> None:
    rows = rows.copy()
    rows[300:] = 1e6
    windows = Windows(rows, end=np.arange(9, 300), length=10)
    assert Scale("minmax").fit(windows).factor == pytest.approx(Scale("minmax").spread(rows[:300]).factor)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(SettingError, match="minmax, zscore, robust, none"):
        Scale("log")  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["minmax", "zscore", "robust"])
def test_switches_are_scaled_to_0_and_1_by_any_method(method: str) -> None:
    rows = np.zeros((500, 3), np.float32)
    rows[7, 0], rows[:, 1], rows[3, 1] = 1, 20, 40
    scaling = Scale(method).spread(rows, ["binary", "binary", "one_hot"])  # type: ignore[arg-type]
    np.testing.assert_array_equal(scaling(np.array([[1, 40, 1], [0, 20, 0]], np.float32)), [[1, 1, 1], [0, 0, 0]])


@pytest.mark.parametrize("method", ["minmax", "zscore", "robust"])
def test_what_stood_still_rings_and_drowns_nobody(method: str) -> None:
    rows = np.column_stack([np.full(50, 50.0), np.ones(50), np.arange(50.0)]).astype(np.float32)
    scaling = Scale(method).spread(rows, ["constant", "constant", "real"])  # type: ignore[arg-type]
    usual, moved = scaling(rows[:1]), scaling(np.array([[1e6, 0, 1e6]], np.float32))
    np.testing.assert_array_equal(usual[0, :2], [0, 0])
    np.testing.assert_array_equal(moved, [[STILL[method], -1, CLIP]])


def test_without_kinds_and_without_special_ones_nothing_changes(rows: np.ndarray) -> None:
    plain, known = Scale("zscore").spread(rows), Scale("zscore").spread(rows, ["real"] * 3)
    np.testing.assert_array_equal(plain.factor, known.factor)
    np.testing.assert_array_equal(plain.offset, known.offset)
    assert plain.clip == known.clip == CLIP
