"""Faults find places that suit them, or say why there is none."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.errors import SettingError
from tocsin.training.simulate import KINDS, inject
from tocsin.training.simulate._placing import FULL_DECK, Place, fit, place


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


@pytest.mark.parametrize("kind", KINDS)
def test_a_single_kind_fills_its_share_with_that_kind_alone(kind: str) -> None:
    rng = np.random.default_rng(0)
    values = 9 + np.sin(np.arange(2000) / 20)[:, None] + rng.normal(size=(2000, 3))
    unit = values.std(axis=0)
    placed = place(values, deviation=unit, share=0.1, sensor=np.copy, rng=rng, deck=(kind,), lag=63)
    rows = sum(fault.length for fault, _ in placed)
    assert {fault.kind for fault, _ in placed} == {kind}
    assert 200 - KINDS[kind].lengths[0] < rows <= 200


def test_the_full_deck_holds_all_kinds_but_the_drop() -> None:
    assert set(FULL_DECK) == set(KINDS) - {"drop"}


def test_contextual_faults_are_measured_against_what_they_replace() -> None:
    wave = np.sin(2 * np.pi * np.arange(1000) / 100)[:, None]
    rng = np.random.default_rng(0)
    placed = place(wave, deviation=np.ones(1), share=0.1, sensor=np.copy, rng=rng, deck=("contextual",), lag=50)
    assert placed
    for fault, size in placed:
        rows = slice(fault.start, fault.end)
        assert size == pytest.approx(2 * np.abs(wave[rows]).max())


def test_contextual_faults_take_later_values_where_none_are_earlier() -> None:
    values = np.random.default_rng(0).normal(size=(60, 1))
    rng = np.random.default_rng(0)
    fault, _ = fit(
        Place("contextual", 15, 5), values, deviation=np.ones(1), sensor=np.copy, rng=rng, lag=30, instead=""
    )
    assert fault.lag == -30
    assert inject(values, [fault])[15:20].tolist() == values[45:50].tolist()


def test_a_share_too_small_for_any_event_is_refused() -> None:
    values = np.random.default_rng(0).normal(size=(150, 1))
    with pytest.raises(SettingError, match="last 12 rows or more, but only 8 of 150"):
        place(values, deviation=np.ones(1), share=0.05, sensor=np.copy, rng=np.random.default_rng(0), deck=("drift",))
