"""Beyond the range, against plain NumPy loops and against ranges that can be read off."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors.beyond_range import BeyondRange, range_of, unrest_of
from tocsin.graph.run import Runner


def noise(rows: int = 300, *, length: int = 60, channels: int = 2, seed: int = 0) -> Windows:
    series = np.random.default_rng(seed).standard_normal((rows, channels)).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length)


def score(detector: BeyondRange, windows: Windows, scored: Float32Array) -> Float32Array:
    return Runner(detector.fit(windows, seed=0).onnx)(scored).score


def outside(value: float, before: FloatArray, normal: tuple[float, float]) -> float:
    """Return by how many widths ``value`` is outside the range of ``before``, widened to what is normal."""
    low, high = min(before.min(), normal[0]), max(before.max(), normal[1])
    return float(max(value - high, low - value) / max(high - low, 1.0))


def by_hand(window: FloatArray, learned: FloatArray, detector: BeyondRange, *, lasting: int) -> float:
    """Return the score of one channel's window, reading by reading; ``lasting`` earlier scores let it rest."""
    unit = learned.std()
    centre = np.median(learned)
    values, normal = (window - centre) / unit, np.sort((learned - centre) / unit)
    known = (normal[detector.spared], normal[-1 - detector.spared])
    steps = np.abs(np.diff((learned - centre) / unit))
    means = np.array([steps[k : k + detector.unrest].mean() for k in range(len(steps) - detector.unrest + 1)])
    usual = means.mean()
    unrest = np.array(
        [np.abs(np.diff(values[k : k + detector.unrest + 1])).mean() for k in range(len(values) - detector.unrest)]
    )
    unrest, calm = unrest / usual + 0.1, (means.min() / usual + 0.1, means.max() / usual + 0.1)
    found = []
    for back in range(lasting, -1, -1):
        place, last = len(values) - 1 - back, -1 - back - detector.guard
        level = outside(values[place], values[lasting - back : last], known)
        place = len(unrest) - 1 - back
        before = unrest[lasting - back : last]
        ratio = max(unrest[place] / max(before.max(), calm[1]), min(before.min(), calm[0]) / unrest[place])
        found.append(max(level, detector.unrest_weight * (ratio - 1)))
    newest = found[-1] if found[-1] >= max(found[: lasting - detector.guard], default=-np.inf) else min(found[-1], 0)
    return float(1 + max(newest, 0) / detector.tolerance + min(max(newest, -1), 0))


@pytest.mark.parametrize(("rest", "guard"), [(0, 0), (7, 0), (7, 2), (0, 2)])
def test_score_is_that_of_a_plain_loop(rest: int, guard: int) -> None:
    windows, detector = noise(channels=1), BeyondRange(unrest=20, rest=rest, guard=guard)
    wild = np.random.default_rng(1).standard_t(2, (200, 60, 1)).astype(np.float32)
    learned = windows.series[:, 0].astype(np.float64)
    expected = [by_hand(window[:, 0].astype(np.float64), learned, detector, lasting=rest) for window in wild]
    assert np.ptp(expected) > 1
    np.testing.assert_allclose(score(detector, windows, wild), expected, rtol=1e-4, atol=1e-5)


def test_a_reading_half_a_width_beyond_is_ten_tolerances_beyond() -> None:
    series = np.tile([0.0, 10.0], 100)[:, None].astype(np.float32)
    windows = Windows(series, np.arange(19, 200), 20)
    readings = np.tile([0.0, 10.0], 10)[None, :, None].astype(np.float32)
    readings[0, -1] = 15
    alone = BeyondRange(unrest=0)
    assert score(alone, windows, readings).tolist() == pytest.approx([11])
    readings[0, -1] = 10
    assert score(alone, windows, readings).tolist() == pytest.approx([1.0])
    readings[0, -1] = 5
    assert score(alone, windows, readings).tolist() == pytest.approx([0.5])


def test_what_has_been_seen_in_the_window_is_no_news() -> None:
    windows = noise()
    shown = windows.take(slice(0, 1)).copy()
    shown[0, -1, 0] = 50
    assert score(BeyondRange(unrest=0), windows, shown)[0] > 100
    shown[0, 20, 0] = 50
    assert score(BeyondRange(unrest=0), windows, shown)[0] <= 1


def test_a_guard_lets_what_lasts_be_told_again() -> None:
    windows = noise()
    lasting = windows.take(slice(0, 1)).copy()
    lasting[0, -3:, 0] = 20
    assert score(BeyondRange(unrest=0, guard=0), windows, lasting)[0] <= 1
    assert score(BeyondRange(unrest=0, guard=2), windows, lasting)[0] > 40
    lasting[0, -4:, 0] = 20
    assert score(BeyondRange(unrest=0, guard=2), windows, lasting)[0] <= 1


def test_what_creeps_is_told_with_a_longer_guard_alone() -> None:
    windows = noise(1000, length=200)
    creeping = windows.take(slice(0, 1)).copy()
    creeping[0, -60:, 0] = np.linspace(0, 12, 60)
    assert score(BeyondRange(), windows, creeping)[0] < 2
    assert score(BeyondRange(guard=30), windows, creeping)[0] > 2


def test_after_something_stranger_it_rests() -> None:
    windows = noise()
    falling = windows.take(slice(0, 1)).copy()
    falling[0, -5, 0], falling[0, -1, 0] = 90, -20
    assert score(BeyondRange(unrest=0, guard=0, rest=3), windows, falling)[0] > 2
    assert score(BeyondRange(unrest=0, guard=0, rest=4), windows, falling)[0] == 1


def test_guarded_readings_do_not_make_one_another_rest() -> None:
    windows = noise()
    lasting = windows.take(slice(0, 1)).copy()
    lasting[0, -3:, 0] = 22, 21, 20
    assert score(BeyondRange(unrest=0, guard=2, rest=10), windows, lasting)[0] > 40
    lasting[0, -4, 0] = -90
    assert score(BeyondRange(unrest=0, guard=2, rest=10), windows, lasting)[0] == 1


def test_jitter_that_is_tiny_beside_the_level_is_not_told() -> None:
    series = (7000 + 0.01 * np.random.default_rng(0).standard_normal((300, 1))).astype(np.float32)
    windows = Windows(series, np.arange(59, 300), 60)
    shown = windows.take(slice(0, 1)).copy()
    shown[0, -1] = 7000.3
    assert score(BeyondRange(unrest=0), windows, shown)[0] < 2
    shown[0, -1] = 7002
    assert score(BeyondRange(unrest=0), windows, shown)[0] == pytest.approx(1 + 2 / 7 / 0.05, abs=0.1)


def test_great_steps_that_come_more_often_or_stay_away_are_told() -> None:
    beat = (np.arange(1000) % 30 == 0).astype(np.float32)[:, None]
    windows = Windows(beat, np.arange(199, 1000), 200)
    detector = BeyondRange(unrest=40, guard=0, rest=0)
    usual = windows.take(slice(0, 30))
    assert score(detector, windows, usual).max() <= 1
    often = usual[20:21].copy()
    often[0, -1] = 1
    away = usual.copy()
    away[:, -41:] = 0
    assert score(detector, windows, often)[0] > 1
    assert score(detector, windows, away).max() > 2
    assert max(score(BeyondRange(unrest=0), windows, each).max() for each in (often, away)) <= 1


def test_one_wild_normal_reading_is_not_believed() -> None:
    windows = noise(channels=1)
    series = windows.series.copy()
    series[30] = 1000
    learned = Windows(series, windows.end, windows.length)
    shown = windows.take(slice(200, 201)).copy()
    shown[0, -1] = 100
    assert score(BeyondRange(spared=0), learned, shown)[0] <= 1
    assert score(BeyondRange(spared=1), learned, shown)[0] > 2


def test_the_strangest_channel_has_the_greatest_share() -> None:
    windows = noise()
    shown = windows.take(slice(0, 1)).copy()
    shown[0, -1, 1] = 30
    found = Runner(BeyondRange().fit(windows, seed=0).onnx)(shown)
    assert found.by_channel is not None
    assert found.by_channel[0, 1] > 0.8 * found.score[0]


@settings(max_examples=20, deadline=None)
@given(
    factor=st.sampled_from([1e-3, 0.25, 7.0, 1e4]),
    offset=st.sampled_from([0.0, -3.0, 11.0]),
    sign=st.sampled_from([1, -1]),
)
def test_unit_offset_and_direction_do_not_matter(factor: float, offset: float, sign: int) -> None:
    windows = noise()
    wild = np.random.default_rng(2).standard_t(3, (20, 60, 2)).astype(np.float32)
    expected = score(BeyondRange(), windows, wild)
    turned = np.float32(sign * factor)
    shift = np.float32(offset * factor)
    other = Windows(windows.series * turned + shift, windows.end, windows.length)
    np.testing.assert_allclose(score(BeyondRange(), other, wild * turned + shift), expected, rtol=1e-3, atol=1e-3)


def test_steps_of_windows_alone_are_learned_from() -> None:
    series = np.zeros((12, 1), np.float32)
    series[5] = 1000  # in no window: what its steps are must not count
    windows = Windows(series, np.array([3, 4, 9, 10, 11]), 4)
    mean, (least, greatest) = unrest_of(windows, np.ones(1), 2)
    assert (mean.tolist(), least.tolist(), greatest.tolist()) == ([0.0], [0.0], [0.0])


def test_few_rows_spare_no_more_than_they_have() -> None:
    least, greatest = range_of(np.array([[1.0], [3.0]]), 5)
    assert (least.tolist(), greatest.tolist()) == ([1.0], [3.0])


def test_a_tolerance_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="tolerance is 0"):
        BeyondRange(tolerance=0)


@pytest.mark.parametrize("name", ["spared", "unrest", "unrest_weight", "guard", "rest"])
def test_nothing_is_below_zero(name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} is -1"):
        BeyondRange(**{name: -1})


def test_a_window_that_the_guard_fills_is_refused_with_a_length_that_will_do() -> None:
    detector = BeyondRange(guard=10)
    with pytest.raises(InputError, match="guard of 10") as refused:
        detector.fit(noise(length=20), seed=0)
    assert "at least 38" in refused.value.remedy
    detector.fit(noise(length=38), seed=0)


def test_a_failing_machine_is_told_of_before_it_breaks(shared_data: Path) -> None:
    import polars as pl

    path = shared_data / "nab" / "data" / "realKnownCause" / "ambient_temperature_system_failure.csv"
    series = pl.read_csv(path)["value"].to_numpy()[:, None].astype(np.float32)
    learned = Windows(series[:750], np.arange(399, 750), 400)
    later = Windows(series, np.arange(1000, len(series)), 400)
    found = score(BeyondRange(), learned, later.take(slice(None)))
    told = later.end[found > 2]
    assert len(told) < 15
    assert np.any((told >= 3540) & (told < 3905)), "the first of the two labelled failures"
