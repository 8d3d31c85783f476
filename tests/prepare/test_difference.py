"""Changes in place of values."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.prepare import parse


def test_worked_by_hand() -> None:
    series = np.array([[1, 10], [4, 10], [2, 30]], np.float32)
    assert parse(["difference"])(series).tolist() == [[0, 0], [3, 0], [-2, 20]]
    assert parse(["difference:2"])(series).tolist() == [[0, 0], [0, 0], [1, 20]]


def test_values_can_be_kept_beside_the_changes() -> None:
    series = np.array([[1], [4], [2]], np.float32)
    assert parse(["difference:1,keep"])(series)[1:].tolist() == [[4, 3], [2, -2]]
    assert parse(["difference: keep"])(series)[1:].tolist() == [[4, 3], [2, -2]]


def test_twice_is_the_change_of_the_change() -> None:
    series = (np.arange(6, dtype=np.float32) ** 2)[:, None]
    assert parse(["difference", "difference"])(series)[2:, 0].tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("level", [1e5, 1.6e7])
def test_a_small_step_at_a_high_level_is_exact(level: float) -> None:
    series = np.array([[level], [level + 1], [level - 2]], np.float32)
    assert parse(["difference"])(series)[1:, 0].tolist() == [1, -3]


def test_the_wildest_numbers_stay_finite() -> None:
    series = np.array([[np.inf], [-np.inf], [3e38], [-3e38]], np.float32)
    assert np.isfinite(parse(["difference"])(series)).all()
