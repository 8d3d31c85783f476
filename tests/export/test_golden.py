"""Golden windows: the same each time, of all kinds, and the borderline ones where they should be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.artifact import Artifact
from tocsin.export._borderline import CLOSE, borderline
from tocsin.export._faults import FAULTS, SIZES, deviation_of, faulty
from tocsin.export.golden import KINDS, golden
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner
from tocsin.thresholds.adaptive import Adaptive


def test_all_kinds_are_there_and_each_window_is_told_of(artifact: Artifact) -> None:
    found = golden(artifact, artifact.sample)
    assert set(found.kind) == set(KINDS)
    assert len(found) == len(found.kind) == len(found.words)
    assert np.isfinite(found.windows).all()
    assert found.windows.dtype == np.float32
    normal = np.array(found.kind) == "normal"
    assert np.array_equal(found.windows[normal], artifact.sample)


def test_channels_that_stood_still_move_a_little(artifact: Artifact) -> None:
    found = golden(artifact, artifact.sample)
    still = (found.windows[:, :-1] == found.windows[:, :1]).all(axis=(1, 2))
    step = (np.abs(found.windows[:, -1] - found.windows[:, 0]) / deviation_of(artifact.sample)).max(axis=1)
    assert np.any(still & (step > 0) & (step < 0.01))


def test_the_same_seed_gives_the_same_windows_and_another_gives_others(artifact: Artifact) -> None:
    first, again, other = (golden(artifact, artifact.sample, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.windows, again.windows)
    assert first.words == again.words
    assert not np.array_equal(first.windows, other.windows)


def test_borderline_windows_lie_on_both_sides_of_the_limit_within_a_thousandth(artifact: Artifact) -> None:
    found, limit = golden(artifact, artifact.sample), starting_limit(artifact)
    close = found.windows[np.array(found.kind) == "borderline"]
    score = Runner(artifact.graph)(close).score.astype(np.float64)
    above = score > limit
    assert np.count_nonzero(above) == np.count_nonzero(~above) > 0
    assert np.abs(score / limit - 1).max() <= CLOSE


def test_without_an_anomaly_above_the_limit_nothing_is_borderline(artifact: Artifact) -> None:
    limits = replace(artifact.calibration.limits, limit=1e30)  # type: ignore[type-var]  # a dataclass
    high = replace(artifact, calibration=replace(artifact.calibration, limits=limits))
    assert "borderline" not in golden(high, artifact.sample).kind


def test_a_single_window_that_stands_still_is_enough(artifact: Artifact) -> None:
    found = golden(artifact, artifact.sample[:1] * 0)
    assert np.isfinite(found.windows).all()


def test_where_scores_jump_the_two_sides_of_the_jump_are_found() -> None:
    below, above = np.zeros((3, 1, 1), np.float32), np.ones((3, 1, 1), np.float32)
    found = borderline(below, above, score=lambda w: np.where(w[:, 0, 0] < 0.7, 1.0, 9.0), limit=5).ravel()
    assert (found[:3] < 0.7).all()
    assert (found[3:] >= 0.7).all()
    assert np.allclose(found, 0.7, atol=1e-6)


@given(st.floats(0.01, 1e6), st.floats(1.1, 1e3))
@settings(max_examples=40, deadline=None)
def test_whatever_the_scale_both_sides_are_close(limit: float, times: float) -> None:
    below, above = np.zeros((1, 2, 1), np.float32), np.full((1, 2, 1), limit * times, np.float32)
    found = borderline(below, above, score=lambda w: w.mean(axis=(1, 2), dtype=np.float64), limit=limit)
    low, high = found.mean(axis=(1, 2), dtype=np.float64)
    assert low <= limit < high
    assert max(limit - low, high - limit) <= CLOSE * limit


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_each_fault_comes_in_each_size_and_reaches_the_last_reading(channels: int) -> None:
    normal = np.random.default_rng(0).normal(size=(8, 6, channels)).astype(np.float32)
    told = list(faulty(normal, each=3, seed=0))
    counts = len({1, max(1, channels // 2), channels})
    assert len(told) == len(FAULTS) * len(SIZES) * counts
    unit = deviation_of(normal)
    for part in told:
        if part.words.startswith("offset of 64 deviations in one channel"):
            # every normal value lies within 5 deviations, so that 64 are plain to see
            assert ((np.abs(part.windows[:, -1]) / unit).max(axis=1) > 50).all()


def test_a_spike_touches_the_last_reading_of_one_channel_alone() -> None:
    normal = np.random.default_rng(0).normal(size=(1, 6, 4)).astype(np.float32)
    spike = next(faulty(normal, each=5, seed=0)).windows
    changed = spike != normal
    assert changed.sum(axis=(1, 2)).tolist() == [1] * 5
    assert changed[:, -1].any(axis=1).all()


def test_a_channel_that_stands_still_gets_a_deviation_of_its_own() -> None:
    assert deviation_of(np.full((2, 3, 1), 50, np.float32)) == pytest.approx(0.05)
    assert deviation_of(np.zeros((2, 3, 1), np.float32)) == pytest.approx(1e-3)


def test_where_the_limit_moves_it_is_the_one_a_device_begins_with(artifact: Artifact) -> None:
    adapting = Adaptive().fit(artifact.evidence).limits
    moved = replace(artifact, calibration=replace(artifact.calibration, limits=adapting))
    law = adapting.law  # type: ignore[attr-defined]  # of the type that this threshold finds
    assert starting_limit(moved) == law.limit(law.centre, law.spread)
