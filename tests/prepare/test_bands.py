"""Numbers of a hop, held to SciPy; and a bearing that is heard to wear out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import periodogram
from scipy.stats import kurtosis

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.prepare import parse
from tocsin.prepare.bands import Bands


def by_scipy(hop: FloatArray, bands: int) -> FloatArray:
    _, power = periodogram(hop, fs=1, window="hann", detrend="constant", scaling="density")
    lines = power[1:] / len(hop)
    energy = [part.sum() for part in np.split(lines, bands)]
    return np.array([hop.std(), kurtosis(hop, fisher=False), *np.log(energy)])


@pytest.mark.parametrize(("hop", "bands"), [(8, 2), (64, 8), (256, 8), (1024, 4), (1000, 5)])
def test_equals_scipy(hop: int, bands: int) -> None:
    series = np.random.default_rng(hop).standard_normal((3 * hop, 2)).astype(np.float32) * [1, 5] + [0, 3]
    rows = parse([f"bands:{hop},{bands}"])(series.astype(np.float32))
    assert rows.shape == (3, 2 * (2 + bands))
    for k, row in enumerate(rows):
        for channel in (0, 1):
            exact = series[k * hop : (k + 1) * hop, channel].astype(np.float32).astype(np.float64)
            np.testing.assert_allclose(row[channel::2], by_scipy(exact, bands), rtol=2e-3, atol=1e-3)


def test_a_tone_lies_in_its_band() -> None:
    tone = np.sin(2 * np.pi * 0.3 * np.arange(256)).astype(np.float32)[:, None]
    rms, peakedness, *levels = parse(["bands:256,8"])(tone)[0]
    assert rms == pytest.approx(np.sqrt(0.5), rel=0.01)
    assert peakedness == pytest.approx(1.5, rel=0.02)
    assert np.argmax(levels) == 4  # .3 of the sampling rate, and bands 1/16 wide
    assert np.exp(levels[4]) == pytest.approx(0.5, rel=0.02)
    assert sorted(levels)[-2] < np.log(0.5) - 10


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-5, 1e6), st.integers(0, 2**32 - 1))
def test_a_louder_machine_moves_levels_by_the_logarithm_alone(gain: float, seed: int) -> None:
    hop = np.random.default_rng(seed).standard_normal((64, 1)).astype(np.float32)
    before, after = (parse(["bands:64,4"])(each)[0] for each in (hop, hop * np.float32(gain * 1e3)))
    np.testing.assert_allclose(after[0], before[0] * gain * 1e3, rtol=1e-4)
    np.testing.assert_allclose(after[1], before[1], rtol=1e-4)
    np.testing.assert_allclose(after[2:] - before[2:], 2 * np.log(gain * 1e3), rtol=0.01, atol=0.05)


@pytest.mark.parametrize("level", [0.0, 0.1, 1e5])
def test_what_stands_still_has_no_shape_and_the_least_energy(level: float) -> None:
    rms, peakedness, *levels = parse(["bands:64"])(np.full((64, 1), level, np.float32))[0]
    assert (rms, peakedness) == (pytest.approx(1e-6), 0)
    assert levels == pytest.approx([np.log(1e-12)] * 8, rel=2e-3)


def test_a_high_level_hides_no_vibration() -> None:
    swing = np.random.default_rng(0).integers(-3, 4, (64, 1)).astype(np.float32)
    low, high = (parse(["bands:64"])(swing + np.float32(level)) for level in (0, 1e6))
    np.testing.assert_allclose(high, low, rtol=1e-3, atol=1e-3)


def test_the_wildest_numbers_stay_finite() -> None:
    wild = np.resize(np.array([3e38, -3e38, 0, np.inf, -np.inf, 1e-40], np.float32), (64, 1))
    assert np.isfinite(parse(["bands:64"])(wild)).all()


def test_the_last_row_ends_with_the_last_reading() -> None:
    series = np.random.default_rng(0).standard_normal((150, 1)).astype(np.float32)
    rows = parse(["bands:64"])(series)
    assert len(rows) == 2
    np.testing.assert_allclose(rows[1], parse(["bands:64"])(series[86:])[0], atol=1e-5)


def test_few_readings_have_few_bands() -> None:
    assert Bands.parse("256") == Bands(256, 8)
    assert Bands.parse("8") == Bands(8, 4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["bands"], "bands: nothing is no whole number from 8"),
        (["bands:7"], "7 is no whole number from 8"),
        (["bands:16,9"], "16 readings cannot tell 9 bands of frequency apart"),
        (["bands:16,0"], "0 is no whole number from 1"),
        (["rolling:12", "bands:16"], "bands makes one row of many readings, and a step before it"),
        (["bands:16", "bands:16"], "bands makes one row of many readings, and a step before it"),
        (["bands:16,8,keep"], "bands makes one row of many readings, so the readings cannot be kept beside it"),
    ],
)
def test_what_cannot_be_is_refused(wrong: list[str], message: str) -> None:
    with pytest.raises(SettingError, match=message) as told:
        parse(wrong)
    assert told.value.remedy


def vibration(wear: float, rng: np.random.Generator, readings: int = 512) -> Float32Array:
    """Return a snapshot of a bearing at 20 kHz: the shaft, noise, and a ring at 4 kHz each time a ball hits the pit."""
    time = np.arange(readings) / 20_000
    hits = np.arange(readings) % 85 == rng.integers(85)
    ring = np.exp(-900 * time[:80]) * np.sin(2 * np.pi * 4000 * time[:80])
    shaft = np.sin(2 * np.pi * (33 * time + rng.random()))
    heard = 0.3 * shaft + rng.normal(0, 0.25, readings) + wear * np.convolve(hits, ring)[:readings]
    return heard.astype(np.float32)[:, None]


def test_a_pit_in_the_race_is_heard_where_values_hide_it() -> None:
    rng = np.random.default_rng(0)
    sound, worn = (np.concatenate([vibration(wear, rng) for _ in range(40)]) for wear in (0.0, 1.0))
    assert np.abs(worn).max() < 2.2 * np.abs(sound).max()
    before, after = (parse(["bands:256,8"])(each) for each in (sound, worn))
    apart = (after.mean(axis=0) - before.mean(axis=0)) / before.std(axis=0)
    assert apart[0] > 2.5
    assert apart[2 + 3] > 5  # 3.75 to 5 kHz
    assert np.argmax(apart) == 2 + 3
