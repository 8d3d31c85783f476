"""Faults find places that suit them, or say why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.training.simulate._placing import place


def test_readings_that_leave_no_room_are_refused() -> None:
    values = np.random.default_rng(0).normal(size=(50, 2))
    with pytest.raises(SettingError, match="45 of 50 rows leave no 12 normal rows"):
        place(values, deviation=np.ones(2), share=0.9, sensor=np.copy, rng=np.random.default_rng(0))


def test_a_sensor_that_always_shows_zero_can_have_no_visible_fault() -> None:
    values = np.zeros((500, 2))
    with pytest.raises(SettingError, match="no fault has a size"):
        place(values, deviation=np.ones(2), share=0.05, sensor=np.zeros_like, rng=np.random.default_rng(0))


def test_one_channel_is_enough() -> None:
    values = np.cumsum(np.random.default_rng(0).normal(size=(2000, 1)), axis=0)
    placed = place(values, deviation=np.ones(1), share=0.05, sensor=np.copy, rng=np.random.default_rng(0))
    assert sum(fault.length for fault, _ in placed) == 100
    assert {fault.channels for fault, _ in placed} == {(0,)}
