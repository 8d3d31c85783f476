"""Peaks over threshold beside libspot and known quantiles, and what it says of what it cannot promise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from libspot import Spot
from scipy import signal, stats

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.contracts import Found
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._streaming import TailLimits
from tocsin.thresholds._trend import above_mean
from tocsin.thresholds.pot import Pot

Random = np.random.Generator
DRAWN: dict[str, Callable[[Random, int], FloatArray]] = {
    "exponential": lambda random, n: random.exponential(size=n),
    "|normal|": lambda random, n: np.abs(random.normal(size=n)),
    "|t3|": lambda random, n: np.abs(random.standard_t(3, size=n)),
    "uniform": lambda random, n: random.uniform(size=n),
}
BEYOND: dict[str, Callable[[float], float]] = {
    "exponential": lambda limit: float(np.exp(-limit)),
    "|normal|": lambda limit: float(2 * stats.norm.sf(limit)),
    "|t3|": lambda limit: float(2 * stats.t.sf(limit, 3)),
    "uniform": lambda limit: max(1 - limit, 0.0),
}


def fitted(written: str, scores: FloatArray) -> tuple[TailLimits, Found]:
    found = Pot.parse(written).fit(Reference.of(scores))
    assert isinstance(found.limits, TailLimits)
    return found.limits, found


@pytest.mark.parametrize("kind", ["exponential", "|normal|", "|t3|"])
@pytest.mark.parametrize("rate", [1e-3, 1e-4])
def test_the_limit_is_libspots(kind: str, rate: float) -> None:
    """With the level that libspot has estimated; now and then it misses the likeliest tail and takes the moments'."""
    apart = []
    for seed in range(9):
        scores = DRAWN[kind](np.random.default_rng(seed), 20_000)
        spot = Spot(rate, low=0, level=0.98, max_excess=10_000)
        spot.fit(scores)
        own, _ = fitted(f"{rate},level={1 - spot.Nt / spot.n}", scores)
        apart.append(abs(own.margin / spot.anomaly_threshold - 1))
    assert np.median(apart) < 0.006
    assert sum(part < 0.01 for part in apart) >= 7


def test_of_a_tail_that_ends_the_end_is_seen_which_libspot_now_and_then_misses() -> None:
    for seed in range(9):
        scores = DRAWN["uniform"](np.random.default_rng(seed), 20_000)
        spot = Spot(1e-4, low=0, level=0.98, max_excess=10_000)
        spot.fit(scores)
        own = fitted("1e-4", scores)[0].margin
        assert own == pytest.approx(spot.anomaly_threshold, rel=0.05)
        assert own == pytest.approx(0.9999, abs=1e-3)


@pytest.mark.parametrize("kind", ["exponential", "|normal|", "|t3|"])
@pytest.mark.parametrize("rate", [1e-3, 1e-4])
def test_over_a_stream_it_flags_what_libspot_flags(kind: str, rate: float) -> None:
    """As published, refitted at each excess. Flags differ only where the two limits lie a little apart."""
    either = both = 0
    for seed in range(3):
        scores = DRAWN[kind](np.random.default_rng(seed), 30_000)
        known, new = scores[:10_000], scores[10_000:]
        libspots = _libspot(known, new, rate)
        limits, _ = fitted(f"{rate},every=1,keep=500,flagged=left", known)
        _, bounds = limits.scan(limits.init(1), new[None], np.ones((1, len(new)), np.bool_))
        flags = new > bounds.limit[0]
        either, both = either + int((flags | libspots).sum()), both + int((flags & libspots).sum())
    assert either - both <= max(2, 0.1 * either)


def _libspot(known: FloatArray, new: FloatArray, rate: float) -> BoolArray:
    spot = Spot(rate, low=0, discard_anomalies=1, level=0.98, max_excess=500)
    spot.fit(known)
    return np.array([spot.step(score) == 2 for score in new.tolist()])


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("rate", [1e-2, 1e-3, 1e-4])
def test_the_limit_is_exceeded_as_often_as_asked(kind: str, rate: float) -> None:
    limits = [fitted(f"{rate}", DRAWN[kind](np.random.default_rng(seed), 50_000))[0].margin for seed in range(10)]
    assert np.mean([BEYOND[kind](limit) for limit in limits]) == pytest.approx(rate, rel=0.4)


def test_the_reference_of_several_devices_is_one_tail() -> None:
    scores = DRAWN["exponential"](np.random.default_rng(0), 9000)
    whole = Pot().fit(Reference.of(scores)).limits
    devices = np.repeat(np.arange(3), 3000)
    assert Pot().fit(Reference(scores, np.tile(np.arange(3000), 3), devices)).limits == whole


def test_drift_is_taken_off_each_device_by_itself() -> None:
    noise = DRAWN["|normal|"](np.random.default_rng(0), 20_000)
    far_apart = Reference(
        noise + np.repeat([0, 1000], 10_000), np.tile(np.arange(10_000), 2), np.arange(20_000) // 10_000
    )
    limits = Pot(1e-3, drift=100).fit(far_apart).limits
    assert isinstance(limits, TailLimits)
    assert limits.margin == pytest.approx(fitted("1e-3", noise)[0].margin - noise.mean(), rel=0.05)
    assert limits.mean == pytest.approx(500 + noise.mean(), rel=0.01)


def test_the_mean_leaves_out_in_the_reference_what_it_leaves_out_later() -> None:
    """Else a level that wanders would be taken for less strange than a mean that leaves out much of it will see it."""
    random = np.random.default_rng(0)
    level = np.abs(signal.lfilter([0.2], [1, -0.995], random.normal(size=40_000)))
    scores = level + np.abs(random.normal(size=40_000))
    limits, _ = fitted("2e-2,drift=50", scores)
    above, _ = above_mean(Reference.of(scores), over=50, limit=limits.margin)
    assert (above > limits.margin).mean() == pytest.approx(2e-2, rel=0.2)


def test_enough_scores_are_told_from_too_few() -> None:
    assert fitted("1e-3", DRAWN["exponential"](np.random.default_rng(0), 2700))[1].warnings == ()
    (said,) = fitted("1e-3", DRAWN["exponential"](np.random.default_rng(0), 2400))[1].warnings
    assert said.startswith("48 of 2400 reference scores lie in the tail")
    assert "needs about 2500" in said


def test_scores_like_their_neighbours_must_be_more() -> None:
    scores = np.repeat(DRAWN["exponential"](np.random.default_rng(0), 1000), 20)
    (said,) = fitted("1e-4,every=0", scores)[1].warnings
    assert "20000 are worth about" in said


def test_a_rare_rate_wants_more_in_memory() -> None:
    scores = DRAWN["exponential"](np.random.default_rng(0), 60_000)
    (said,) = fitted("1e-5", scores)[1].warnings
    assert "keep=1000" in said
    for remedy in ("keep=1000", "every=0"):
        assert fitted(f"1e-5,{remedy}", scores)[1].warnings == ()


@pytest.mark.parametrize("scores", [np.ones(5000), np.array([3.0]), np.array([1.0, 2.0])])
def test_where_there_is_no_tail_the_limit_lies_just_above_the_greatest(scores: FloatArray) -> None:
    limits, found = fitted("1e-3", scores)
    assert 0 < limits.margin - scores.max() < 1e-5 * scores.max()
    assert found.said == ()
    assert len(found.warnings) == 1


@pytest.mark.parametrize(
    "written", ["0", "0.2", "-1", "nan", "1e-3,level=1", "1e-3,keep=5", "1e-3,every=-1", "1e-3,flagged=all", "1e-3,x=1"]
)
def test_nonsense_is_refused(written: str) -> None:
    with pytest.raises(SettingError):
        Pot.parse(written)
