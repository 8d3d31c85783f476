"""The period of normal readings, found in the company of channels that have none."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows
from tocsin.detectors._period import period_of


def windows_of(series: FloatArray, length: int = 100) -> Windows:
    return Windows(series.astype(np.float32), np.arange(length - 1, len(series)), length)


@pytest.mark.parametrize("period", [6, 24, 99])
def test_the_period_is_found_among_noisy_and_still_channels(period: int) -> None:
    rng = np.random.default_rng(0)
    wave = np.sin(2 * np.pi * np.arange(2000) / period) + 0.2 * rng.standard_normal(2000)
    series = np.stack([wave, rng.standard_normal(2000), np.full(2000, 5.0)], axis=1)
    assert period_of(windows_of(series)) == pytest.approx(period, abs=1)


@pytest.mark.parametrize("channels", [0.0, 1.0])
def test_what_has_no_period_takes_the_whole_window(channels: float) -> None:
    series = channels * np.random.default_rng(1).standard_normal((3000, 2))
    assert period_of(windows_of(series)) == 100


def test_a_period_longer_than_the_window_is_not_seen() -> None:
    assert period_of(windows_of(np.sin(np.arange(3000) * 2 * np.pi / 150)[:, None])) == 100


def test_few_readings_are_enough() -> None:
    assert period_of(windows_of(np.arange(4.0)[:, None], length=3)) == 3
