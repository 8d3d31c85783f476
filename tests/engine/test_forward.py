from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import SettingError
from tocsin.engine.forward import Forward


def by_hand(hot: list[bool], before: int, after: int) -> list[bool]:
    """One device's stretches, reading by reading."""
    found = [any(hot[max(0, k - after) : k + before + 1]) for k in range(len(hot))]
    on = [k for k, yes in enumerate(found) if yes]
    for left, right in pairwise(on):
        if right - left - 1 <= after:
            found[left:right] = [True] * (right - left)
    return found


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=40), st.integers(1, 4), st.integers(0, 4))
def test_each_device_is_judged_by_its_own_readings(rows: list[tuple[int, bool]], before: int, after: int) -> None:
    device = np.array([own for own, _ in rows], np.int64)
    score = np.array([2.0 if hot else 0.5 for _, hot in rows])
    found = Forward(level=0.5, before=before, after=after).mask(score, np.full(len(rows), 2.0), device)
    for own in range(3):
        mine = device == own
        assert found[mine].tolist() == by_hand([hot for name, hot in rows if name == own], before, after)


def test_a_score_at_the_level_and_none_are_not_hot() -> None:
    score, limit = np.array([1.0, 1.1, np.nan, 0.0]), np.array([2.0, 2.0, np.nan, 0.0])
    assert Forward(level=0.5).hot(score, limit).tolist() == [False, True, False, False]


def test_below_a_negative_limit_there_is_a_level_too() -> None:
    found = Forward(level=0.5).hot(np.array([-16.0, -14.0, -9.0]), np.full(3, -10.0))
    assert found.tolist() == [False, True, True]


def test_a_short_gap_between_stretches_goes_along() -> None:
    score = np.array([9.0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 9])
    found = Forward(level=1.0, before=1, after=1).mask(score, np.ones(11), np.zeros(11, np.int64))
    assert found.astype(int).tolist() == [1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1]


@pytest.mark.parametrize("wrong", [{"level": 0.0}, {"level": 1.1}, {"before": 0}, {"after": -1}, {"level": np.nan}])
def test_settings_that_cannot_work_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingError):
        Forward(**wrong)  # type: ignore[arg-type]
