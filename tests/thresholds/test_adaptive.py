"""The adaptive threshold: steps by hand, the law of state, what is learned and what is not, levels, odd scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.contracts import Bounds
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.core.state import to_arrays
from tocsin.testing.stateful_checks import check_devices_apart, check_scan_is_fold
from tocsin.thresholds._adaptive_law import Law
from tocsin.thresholds._adaptive_limits import AdaptiveLimits
from tocsin.thresholds.adaptive import Adaptive

SMALL = Law(centre=1.0, spread=0.5, reach=4.0, floor=0.05, roughness=0.5, window=32, patience=20)
FLEET = 130
"""So many devices that a step for all is taken, not a loop for each."""


def gone(limits: AdaptiveLimits, *scores: FloatArray) -> Bounds:
    """Return the bounds for scores of one device each."""
    block = np.stack(scores)
    return limits.scan(limits.init(len(block)), block, np.ones(block.shape, np.bool_))[1]


def told(limits: AdaptiveLimits, scores: FloatArray) -> tuple[IntArray, IntArray]:
    """Return where a new level is noticed, and where it is adopted."""
    regime = gone(limits, scores).regime[0]
    return np.flatnonzero(regime == 1), np.flatnonzero(regime == 2)


def noise(n: int, *, seed: int = 0) -> FloatArray:
    return np.abs(np.random.default_rng(seed).standard_normal(n))


@pytest.fixture(scope="module")
def limits() -> AdaptiveLimits:
    found = Adaptive(1e-3).fit(Reference.of(noise(20_000, seed=9))).limits
    assert isinstance(found, AdaptiveLimits)
    return found


def varied(limits: AdaptiveLimits, **changes: object) -> AdaptiveLimits:
    return AdaptiveLimits(replace(limits.law, **changes))  # type: ignore[arg-type]  # as the law's fields are


# The law.


def test_the_first_steps_by_hand() -> None:
    """A window of 16 learns score by score, 2 ÷ 17 of each: its value, its distance from the one before; no fault."""
    law = AdaptiveLimits(replace(SMALL, window=16))
    gain = 2 / 17
    second = 1 + gain * 1, 0.5 + gain * 0.5
    third = second[0] + gain * (1 - second[0]), second[1] + gain * (abs(1 - 2) - second[1])
    limit = [centre + 4 * spread for centre, spread in ((1, 0.5), second, third, third)]
    np.testing.assert_allclose(gone(law, np.array([2.0, 1, 9, 1])).limit[0], limit, rtol=1e-15)


def test_a_moving_memory_is_the_mean_of_the_last_scores() -> None:
    law, scores = AdaptiveLimits(replace(SMALL, window=16, moving=True, reach=100.0)), 1 + noise(50)
    centres = [np.concatenate([np.ones(16), scores])[k : k + 16].mean() for k in range(50)]
    away = np.concatenate([np.full(16, 0.5), np.abs(np.diff(scores, prepend=1))])
    spreads = [away[k : k + 16].mean() for k in range(50)]
    np.testing.assert_allclose(gone(law, scores).limit[0], np.array(centres) + 100 * np.array(spreads))


def odd_scores(seed: int, devices: int, length: int) -> FloatArray:
    """Return scores of all kinds: calm, faulty, on new levels, climbing, constant, missing, beyond all bounds."""
    random = np.random.default_rng(seed)
    scores = 1 + np.abs(random.standard_normal((devices, length)))
    scores[::5, length // 4 :] += random.choice([5.0, 50.0, 1e30, 1e300])
    scores[1::5] += np.arange(length) * random.choice([0.001, 0.1, -0.02])
    scores[2::5] = random.choice([0.0, 5.0, -1e200, 1e200])
    scores[3::5] = random.standard_t(1, (len(scores[3::5]), length))
    scores[random.random(scores.shape) < 0.1] = np.nan
    scores[random.random(scores.shape) < 0.02] = random.choice([np.inf, -np.inf, 1e40])
    return scores


@given(
    st.integers(0, 10_000),
    st.booleans(),
    st.booleans(),
    st.sampled_from([16, 32]),
    st.lists(st.integers(1, 200), max_size=3),
)
@settings(max_examples=25, deadline=None)
def test_a_scan_is_one_step_after_the_other(
    seed: int, moving: bool, rebaseline: bool, window: int, cuts: list[int]
) -> None:
    law = AdaptiveLimits(replace(SMALL, window=window, moving=moving, rebaseline=rebaseline))
    scores = odd_scores(seed, 5, 200)
    valid = np.arange(200) < np.random.default_rng(seed).integers(1, 201, (5, 1))
    check_scan_is_fold(law, scores, valid, cuts=cuts)
    check_devices_apart(law, scores, valid)


@pytest.mark.parametrize("moving", [False, True])
def test_a_fleet_goes_the_way_of_each_of_its_devices(moving: bool) -> None:
    law = AdaptiveLimits(replace(SMALL, moving=moving))
    scores = odd_scores(1, FLEET, 120)
    valid = np.arange(120) < np.random.default_rng(1).integers(1, 121, (FLEET, 1))
    check_scan_is_fold(law, scores, valid, cuts=[1, 50])
    check_devices_apart(law, scores, valid)


@given(st.integers(0, 10_000), st.integers(0, 199), st.floats(allow_nan=False))
@settings(max_examples=25, deadline=None)
def test_the_limit_for_a_score_does_not_hang_on_that_score(seed: int, place: int, other: float) -> None:
    scores = odd_scores(seed, 1, 200)[0]
    scores[place] = 1.0
    changed = scores.copy()
    changed[place] = other
    one, two = gone(AdaptiveLimits(SMALL), scores, changed).limit
    np.testing.assert_array_equal(one[: place + 1], two[: place + 1])


@given(st.integers(0, 10_000), st.booleans())
@settings(max_examples=25, deadline=None)
def test_whatever_comes_there_is_a_limit(seed: int, moving: bool) -> None:
    scores = odd_scores(seed, 5, 200)
    limit = gone(AdaptiveLimits(replace(SMALL, moving=moving)), *scores).limit
    np.testing.assert_array_equal(np.isfinite(limit), ~np.isnan(scores))


def test_no_score_is_no_news() -> None:
    scores = noise(300, seed=1)
    with_gaps = np.full(600, np.nan)
    with_gaps[::2] = scores
    whole, holes = AdaptiveLimits(SMALL), gone(AdaptiveLimits(SMALL), with_gaps)
    np.testing.assert_array_equal(gone(whole, scores).limit[0], holes.limit[0, ::2])
    assert np.isnan(holes.limit[0, 1::2]).all()


@pytest.mark.parametrize(("moving", "size"), [(False, 105), (True, 361)])
def test_what_a_device_costs(moving: bool, size: int) -> None:
    law = AdaptiveLimits(replace(SMALL, moving=moving, window=1600))
    after, _ = law.scan(law.init(7), odd_scores(0, 7, 200), np.ones((7, 200), np.bool_))
    assert sum(array.nbytes for array in to_arrays(after).values()) == 7 * size


def test_it_survives_being_written_down(limits: AdaptiveLimits) -> None:
    kind = TypeAdapter(AdaptiveLimits)
    assert kind.validate_python(kind.dump_python(limits, mode="json")) == limits


# What is learned, and what is not.


def test_nothing_is_learned_from_a_fault(limits: AdaptiveLimits) -> None:
    calm = noise(3000, seed=2)
    faulty = np.concatenate([calm[:1000], 30 + 5 * noise(150, seed=3), calm[1000:]])
    undisturbed, disturbed = gone(limits, calm).limit[0], gone(limits, faulty).limit[0]
    assert len(set(disturbed[1000:1150])) == 1
    assert disturbed[1150] == undisturbed[1000]
    np.testing.assert_allclose(disturbed[1150:], undisturbed[1000:], rtol=0.05)


@pytest.mark.parametrize("rate", [1e-2, 0.1])
def test_the_rate_is_kept_though_flagged_scores_are_left_out(rate: float) -> None:
    """Leaving scores out makes centre and spread too low; a reach that does not know of it rings too often."""
    known, later = noise(50_000, seed=4), noise(200_000, seed=5)
    found = Adaptive(rate).fit(Reference.of(known)).limits
    assert isinstance(found, AdaptiveLimits)
    away = (known - known.mean()) / np.abs(known - known.mean()).mean()
    unaware = varied(found, reach=float(np.quantile(away, 1 - rate)))
    shares = [float((later > gone(each, later).limit[0]).mean()) / rate for each in (found, unaware)]
    assert 0.8 < shares[0] < 1.25
    assert shares[1] > shares[0] * (1.2 if rate < 0.1 else 2)


@pytest.mark.parametrize("memory", ["exponential", "moving"])
@pytest.mark.parametrize("window", [16, 300, 5000])
def test_the_rate_is_kept_with_each_memory(memory: str, window: int) -> None:
    found = Adaptive.parse(f"1e-2,memory={memory},window={window}").fit(Reference.of(noise(30_000, seed=6))).limits
    assert isinstance(found, AdaptiveLimits)
    later = noise(100_000, seed=7)
    assert 0.7 < (later > gone(found, later).limit[0]).mean() / 1e-2 < 1.3


def test_a_slow_change_of_what_is_normal_is_followed(limits: AdaptiveLimits) -> None:
    """Over 40,000 scores the level rises by ten times the spread, the limit with it, and nothing is said."""
    rise = np.linspace(0, 6, 40_000)
    scores = noise(40_000, seed=8) + rise
    bounds = gone(limits, scores)
    assert (scores > bounds.limit[0]).mean() < 5e-3
    assert not bounds.regime.any()
    assert bounds.limit[0, -1] - bounds.limit[0, 0] == pytest.approx(6, abs=1)


def test_a_lower_level_is_followed_within_a_few_memories(limits: AdaptiveLimits) -> None:
    bounds = gone(limits, np.concatenate([noise(2000) + 3, 0.3 * noise(8000)]))
    assert bounds.limit[0, -1] < 0.5 * limits.law.limit(limits.law.centre, limits.law.spread)
    assert not bounds.regime[0, 2000:].any()


# Levels.


def shifted(by: float) -> FloatArray:
    scores = noise(5000, seed=10)
    scores[1000:] += by
    return scores


@pytest.mark.parametrize("by", [5.0, 20.0, 1e6])
def test_a_lasting_new_level_is_noticed_then_adopted(limits: AdaptiveLimits, by: float) -> None:
    scores = shifted(by)
    noticed, adopted = told(limits, scores)
    assert noticed.tolist() == [1199]
    assert adopted.tolist() == [1299]
    above = scores > gone(limits, scores).limit[0]
    assert above[1000:1300].all()
    assert above[1300:].mean() < 5e-3


def test_where_that_is_not_allowed_it_is_noticed_and_that_is_all(limits: AdaptiveLimits) -> None:
    stubborn, scores = varied(limits, rebaseline=False), shifted(20.0)
    noticed, adopted = told(stubborn, scores)
    assert (noticed.tolist(), adopted.tolist()) == ([1199], [])
    bounds = gone(stubborn, scores)
    assert (scores > bounds.limit[0])[1000:].all()
    assert len(set(bounds.limit[0, 1000:])) == 1


def test_a_level_that_lasts_too_short_is_a_fault(limits: AdaptiveLimits) -> None:
    scores = noise(3000, seed=11)
    scores[1000:1190] += 20
    assert not gone(limits, scores).regime.any()


def test_back_at_the_old_level_all_is_as_it_was(limits: AdaptiveLimits) -> None:
    scores = shifted(20.0)
    scores[3000:] -= 20
    bounds = gone(limits, np.concatenate([scores, noise(10_000)]))
    assert bounds.limit[0, -1] == pytest.approx(bounds.limit[0, 0], rel=0.3)


TIME = np.arange(4000)


@pytest.mark.parametrize(
    "fault",
    [
        10 + 0.05 * TIME,
        10 * 1.001**TIME,
        20 * np.sin(2 * np.pi * TIME / 60) ** 2,
        20 * np.sin(2 * np.pi * TIME / 300) ** 2,
        20 + 10 * np.sin(2 * np.pi * TIME / 60),
        100 + 50 * np.sin(2 * np.pi * TIME / 1000),
        20.0 * (TIME // 25 % 2),
        30 + 25.0 * (-1) ** TIME,
    ],
    ids=["climbs", "grows", "swings", "swings slowly", "swings above", "swings far above", "on and off", "jumps"],
)
def test_a_fault_that_climbs_or_swings_is_not_adopted(limits: AdaptiveLimits, fault: FloatArray) -> None:
    scores = noise(5000, seed=12)
    scores[1000:] += fault
    noticed, adopted = told(limits, scores)
    assert (len(noticed), len(adopted)) == (0, 0)
    assert (scores > gone(limits, scores).limit[0])[-2000:].mean() > 0.4


# Odd scores.


@pytest.mark.parametrize("value", [0.0, 1e-30, 0.37, 1e30])
def test_constant_scores_stay_below_the_limit(value: float) -> None:
    found = Adaptive().fit(Reference.of(np.full(5000, value))).limits
    assert isinstance(found, AdaptiveLimits)
    limit = gone(found, np.full(3000, value)).limit
    assert np.isfinite(limit).all()
    assert (limit > value).all()


def test_scores_that_have_become_constant_do_not_ring_at_the_next_change(limits: AdaptiveLimits) -> None:
    scores = np.concatenate([noise(1000), np.full(20_000, 0.5), noise(1000, seed=1) * 0.05 + 0.5])
    assert not (scores > gone(limits, scores).limit[0])[1000:].any()


@pytest.mark.parametrize("value", [0.1, 1e12, 1e30, 1e300, np.inf])
def test_a_new_level_without_any_spread_is_a_level_too(limits: AdaptiveLimits, value: float) -> None:
    scores = np.concatenate([noise(1000), np.full(1000, value + 9)])
    noticed, adopted = told(limits, scores)
    assert (noticed.tolist(), adopted.tolist()) == ([1199], [1299])
    limit = gone(limits, scores).limit[0]
    assert np.isfinite(limit).all()
    assert limit[-1] > min(value, 1e100)


# The fit.


@pytest.mark.parametrize("scores", [[1.0], [1.0, 2.0], [0.0] * 19 + [5.0], list(range(100))])
def test_few_scores_find_a_limit_and_are_said_to_be_few(scores: list[float]) -> None:
    found = Adaptive().fit(Reference.of(np.array(scores, float)))
    assert (gone(found.limits, np.array(scores, float)).limit > max(scores)).all()  # type: ignore[arg-type]  # they are
    assert "reference scores stand behind" in found.warnings[0]


def test_it_says_what_was_asked_and_what_the_reference_holds() -> None:
    found = Adaptive(1e-2).fit(Reference.of(noise(20_000, seed=13)))
    assert found.warnings == ()
    assert found.said[0].startswith("Of 20,000 reference scores, gone through in order, ")
    assert found.said[0].endswith("; 0.01 was asked for.")
    assert "told after 200 of them, and is taken for normal after 300" in found.said[1]
    assert "goes on being anomalous" in Adaptive.parse("rebaseline=off").fit(Reference.of(noise(9000))).said[1]


def test_a_reference_that_changes_its_level_is_told() -> None:
    found = Adaptive(1e-2).fit(Reference.of(np.concatenate([noise(18_000, seed=14), noise(2000, seed=15) + 50])))
    assert any("settle on a new level. If" in said for said in found.warnings)


def test_scores_that_no_moving_limit_suits_are_told() -> None:
    """Calm but for a wild stretch: to ring as seldom there as is asked, it must lie far above all that is calm."""
    scores = 0.1 * noise(4000, seed=18)
    scores[2600:2750] *= 30
    (said,) = Adaptive(1e-3).fit(Reference.of(scores)).warnings
    assert "times as far above the usual scores as one that stands still" in said
    assert "pot:0.001" in said


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [100, 414])
def test_a_short_reference_does_not_deafen(n: int, seed: int) -> None:
    """Scores that cling together: of the greatest few hardly any is independent."""
    scores = np.convolve(noise(n + 9, seed=seed), np.full(10, 0.1), mode="valid")
    limit = gone(Adaptive(1e-3).fit(Reference.of(scores)).limits, scores).limit  # type: ignore[arg-type]  # they are
    assert scores.max() < limit.max() < 3 * scores.max()


def test_each_device_of_a_reference_has_a_level_of_its_own() -> None:
    """A fleet of ten: were they one series, its jumps between levels would be taken for spread."""
    levels = np.arange(10)[:, None] * 3.0
    score = noise(40_000, seed=16).reshape(10, 4000) + levels
    reference = Reference(score.ravel(), np.tile(np.arange(4000), 10), np.repeat(np.arange(10), 4000))
    found = Adaptive(1e-2).fit(reference).limits
    later = noise(200_000, seed=17).reshape(10, 20_000) + levels
    _, bounds = found.scan(found.init(10), later, np.ones(later.shape, np.bool_))
    assert 0.7 < (later > bounds.limit)[:, 5000:].mean() / 1e-2 < 1.3


@pytest.mark.parametrize(
    "text", ["0", "0.2", "x", "1e-3,window=8", "1e-3,patience=5", "memory=long", "reference=scored"]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        Adaptive.parse(text)


def test_it_is_written_with_its_rate_first() -> None:
    asked = Adaptive.parse("1e-4,window=500,memory=moving,patience=100,rebaseline=off")
    assert asked == Adaptive(1e-4, window=500, memory="moving", patience=100, rebaseline=False)
