"""Streaming tails: the law of all that remembers, and what is learned of which scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tocsin.core.arrays import FloatArray
from tocsin.core.reference import Reference
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold
from tocsin.thresholds._streaming import TailLimits
from tocsin.thresholds.pot import Pot

NORMAL = np.abs(np.random.default_rng(0).normal(size=5000))
WRITTEN = ["1e-2", "1e-3", "1e-3,every=1", "1e-2,drift=20", "1e-3,every=0", "1e-2,every=0,drift=5", "1e-2,keep=10"]


def limits_of(written: str, scores: FloatArray = NORMAL) -> TailLimits:
    limits = Pot.parse(written).fit(Reference.of(scores)).limits
    assert isinstance(limits, TailLimits)
    return limits


def followed(limits: TailLimits, scores: FloatArray) -> FloatArray:
    _, bounds = limits.scan(limits.init(1), scores[None], np.ones((1, len(scores)), np.bool_))
    return np.asarray(bounds.limit[0])


def noisy(devices: int, length: int, seed: int) -> FloatArray:
    random = np.random.default_rng(seed)
    scores = random.exponential(size=(devices, length)) * random.choice([0.5, 1, 3], size=(devices, 1))
    scores[random.random(scores.shape) < 0.1] = np.nan
    return np.asarray(scores)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(("devices", "length"), [(3, 150), (20, 15)])
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), cuts=st.lists(st.integers(1, 149), max_size=4))
def test_a_scan_is_one_step_after_the_other(
    written: str, devices: int, length: int, seed: int, cuts: list[int]
) -> None:
    scores = noisy(devices, length, seed)
    valid = np.arange(length) < np.random.default_rng(seed).integers(0, length + 1, size=(devices, 1))
    check_scan_is_fold(limits_of(written), scores, valid, cuts=cuts)


@pytest.mark.parametrize("written", WRITTEN)
def test_devices_do_not_influence_one_another(written: str) -> None:
    check_devices_apart(limits_of(written), noisy(30, 20, seed=1), np.ones((30, 20), np.bool_))


@pytest.mark.parametrize("written", WRITTEN)
def test_the_limit_does_not_know_its_own_score(written: str) -> None:
    limits = limits_of(written)
    for last in (0.0, 1e6):
        assert followed(limits, np.append(NORMAL[:300], last))[-1] == followed(limits, np.append(NORMAL[:300], 2.0))[-1]


@pytest.mark.parametrize("written", WRITTEN)
def test_no_score_is_no_news(written: str) -> None:
    limits = limits_of(written)
    gaps = np.insert(NORMAL[:500], np.arange(0, 500, 7), np.nan)
    found = followed(limits, gaps)
    np.testing.assert_array_equal(found[~np.isnan(gaps)], followed(limits, NORMAL[:500]))
    assert np.isnan(found[np.isnan(gaps)]).all()


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("devices", [2, 40])
def test_the_state_given_is_left_as_it_is(written: str, devices: int) -> None:
    limits, scores = limits_of(written), noisy(devices, 30, seed=3)
    before, same = limits.init(devices), limits.init(devices)
    limits.step(before, scores[:, 0])
    limits.scan(before, scores, np.ones(scores.shape, np.bool_))
    for name, array in vars(same).items():
        np.testing.assert_array_equal(getattr(before, name), array)


@pytest.mark.parametrize("written", WRITTEN)
def test_limits_survive_the_manifest(written: str) -> None:
    limits = limits_of(written)
    adapter = TypeAdapter(TailLimits)
    assert adapter.validate_json(adapter.dump_json(limits)) == limits


@pytest.mark.parametrize(("written", "bytes_a_device"), [("1e-3", 1264), ("1e-3,keep=100", 464), ("1e-3,every=0", 64)])
def test_a_device_takes_as_many_bytes_as_is_said(written: str, bytes_a_device: int) -> None:
    state = limits_of(written).init(7)
    assert sum(array.nbytes for array in vars(state).values()) == 7 * bytes_a_device


def test_a_louder_device_gets_a_higher_limit_and_a_quieter_one_a_lower() -> None:
    scores = np.random.default_rng(1).permutation(NORMAL)
    limits = limits_of("1e-3")
    start, louder, quieter = limits.margin, followed(limits, 1.1 * scores)[-1], followed(limits, 0.9 * scores)[-1]
    assert quieter < start < louder


@pytest.mark.parametrize("rate", ["1e-2", "1e-3", "1e-4"])
def test_the_limit_stands_still_through_an_anomaly_and_forgets_it(rate: str) -> None:
    scores = np.abs(np.random.default_rng(2).normal(size=60_000))
    scores[10_000:15_000] = 50
    limits = limits_of(rate, np.abs(np.random.default_rng(3).normal(size=20_000)))
    found = followed(limits, scores)
    assert len(set(found[10_001:15_000])) == 1
    assert found[15_000:].max() < 1.5 * found[10_000]
    assert abs(found[-1] / found[10_000] - 1) < 0.15


def test_the_values_of_flagged_scores_are_never_learned() -> None:
    limits = limits_of("1e-3")
    ends = []
    for value in (10.0, 1e9):
        scores = np.random.default_rng(4).permutation(NORMAL)
        scores[::100] = value
        ends.append(followed(limits, scores))
    np.testing.assert_array_equal(ends[0], ends[1])


def test_what_is_left_out_changes_nothing() -> None:
    limits = limits_of("1e-3,flagged=left")
    scores = np.random.default_rng(5).permutation(NORMAL)
    scores = scores[scores < 2.8]
    strange = np.insert(scores, np.arange(0, len(scores), 50), 100.0)
    np.testing.assert_array_equal(followed(limits, strange)[strange < 100], followed(limits, scores))


def test_the_mean_follows_usual_scores_and_only_those() -> None:
    limits = limits_of("1e-3,drift=50")
    slow = NORMAL + np.linspace(0, 100, len(NORMAL))
    assert (slow > followed(limits, slow)).mean() < 0.01
    jump = NORMAL + np.where(np.arange(len(NORMAL)) < 2500, 0, 50)
    found = followed(limits, jump)
    assert (jump > found)[2500:].all()
    assert found[-1] == found[2501]


def test_a_device_at_another_level_is_soon_at_home() -> None:
    limits = limits_of("1e-3,drift=100")
    for level in (-50, 50):
        scores = NORMAL + level
        assert (scores > followed(limits, scores))[1:].mean() < 0.01


SHORT = np.random.default_rng(0).exponential(0.25, size=414)
"""A reference of which eight scores exceed the level."""


def with_faults(seed: int, length: int = 6000) -> FloatArray:
    """Return scores of which every twentieth is a fault, in stretches, of all sizes up to ten."""
    random = np.random.default_rng(seed)
    scores, faulty = random.exponential(0.25, size=length), np.zeros(length)
    for begin in range(100, length - 1000, 160):
        faulty[begin : begin + 8] = random.uniform(1, 10)
    return np.where(faulty > 0, faulty * random.uniform(0.5, 1, length), scores)


@pytest.mark.parametrize("rate", ["1e-3", "5e-3", "1e-2"])
@pytest.mark.parametrize("seed", range(4))
def test_faults_do_not_deafen_a_limit_from_a_short_reference(rate: str, seed: int) -> None:
    limits, scores = limits_of(rate, SHORT), with_faults(seed)
    found = followed(limits, scores)
    assert found.max() <= limits.level + 2.5 * (limits.margin - limits.level)
    assert (scores > found)[scores > 4].all()


def test_a_lasting_fault_is_learned_no_more_often_than_the_memory_has_room_for_chance() -> None:
    limits = limits_of("1e-3", SHORT)
    state, _ = limits.scan(limits.init(1), np.full((1, 1000), 10.0), np.ones((1, 1000), np.bool_))
    assert state.flagged.tolist() == [4]
    assert state.learned.tolist() == [12]


def test_after_faults_the_limit_comes_back() -> None:
    limits, calm = limits_of("1e-3", SHORT), np.random.default_rng(1).exponential(0.25, size=40_000)
    found = followed(limits, np.concatenate([with_faults(5), calm]))
    assert found[-1] == pytest.approx(0.25 * np.log(1000), rel=0.2)


def test_a_device_that_is_much_louder_is_at_home_after_hundreds_of_excesses() -> None:
    limits = limits_of("1e-3")
    louder = 4 * np.abs(np.random.default_rng(2).normal(size=40_000))
    found = followed(limits, louder)
    assert (louder > found)[-20_000:].mean() < 4e-3
    assert found[-1] > limits.level + 2.5 * (limits.margin - limits.level)
