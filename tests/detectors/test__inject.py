from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tocsin.detectors._inject import FAULTS, faulty, told_apart

NORMAL = np.random.default_rng(0).normal(size=(40, 30, 3)).astype(np.float32)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_in_one_channel_and_lasts_to_the_end(kind: str) -> None:
    found = faulty(NORMAL, kind, seed=3)
    changed = found != NORMAL
    assert (changed.any(axis=1).sum(axis=1) <= 1).all()
    # the held value is what was there when it got stuck, so its first reading is as it was
    assert changed[:, -1].any(axis=1).mean() > (0.8 if kind == "stuck" else 0.99)
    assert not changed[:, :10].any()


def test_a_spike_is_one_reading_one_to_four_deviations_off() -> None:
    found = faulty(NORMAL, "spike", seed=0) - NORMAL
    sizes = np.abs(found[:, -1]).max(axis=1) / NORMAL.std()
    assert sizes.min() > 0.9
    assert sizes.max() < 4.2
    assert not found[:, :-1].any()


def test_a_stuck_channel_keeps_one_value_and_windows_stay_as_they_were() -> None:
    before = NORMAL.copy()
    found = faulty(NORMAL, "stuck", seed=0)
    assert (before == NORMAL).all()
    for window, held in zip(NORMAL, found, strict=True):
        channel = int(np.argmax((window != held).any(axis=0)))
        rows = np.flatnonzero(window[:, channel] != held[:, channel])
        assert len(np.unique(held[rows, channel])) <= 1


@pytest.mark.parametrize("kind", FAULTS)
def test_a_channel_that_stands_still_gets_no_fault_unless_all_do(kind: str) -> None:
    some_still = NORMAL.copy()
    some_still[:, :, [0, 2]] = 5
    changed = (faulty(some_still, kind, seed=1) != some_still).any(axis=1)
    assert not changed[:, [0, 2]].any()
    assert changed[:, 1].mean() > 0.8
    assert np.isfinite(faulty(np.full_like(NORMAL, 5), kind, seed=1)).all()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_told_apart_is_the_area_under_roc(normal: list[int], strange: list[int]) -> None:
    labels = [0] * len(normal) + [1] * len(strange)
    expected = roc_auc_score(labels, normal + strange)
    assert told_apart(np.array(normal, float), np.array(strange, float)) == pytest.approx(expected)
