"""The spectral residual against NumPy's Fourier transform, angles and all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.scores import Scores
from tocsin.core.windows import Windows
from tocsin.detectors.spectral_residual import SpectralResidual, extended, spectrum
from tocsin.graph.run import Runner


def waves(rows: int = 400, *, length: int = 40, channels: int = 2) -> Windows:
    rng = np.random.default_rng(0)
    angle = 2 * np.pi * np.arange(rows)[:, None] / 12 + np.arange(channels)
    series = np.sin(angle) + 0.1 * rng.standard_normal((rows, channels))
    series /= series.std(axis=0)
    return Windows(series.astype(np.float32), np.arange(length - 1, rows), length)


def scores(detector: SpectralResidual, windows: Windows, scored: Float32Array | None = None) -> Scores:
    return Runner(detector.fit(windows, seed=0).onnx)(windows.take(slice(None)) if scored is None else scored)


def salience(values: FloatArray, *, width: int, compared: int, foretold: int, gradient: int) -> float:
    """Return last saliency ÷ mean of those before, as the paper's equations 1 to 9 have it, with all its steps."""
    before = values[:-1]
    slopes = [(before[-1] - before[-1 - back]) / back for back in range(1, gradient + 1)]
    following = before[-gradient] + gradient * np.mean(slopes)
    transformed = np.fft.fft(np.append(values, np.full(foretold, following)))
    logarithm, angle = np.log(np.abs(transformed)), np.angle(transformed)
    around = [np.roll(logarithm, shift) for shift in range(-(width // 2), width // 2 + 1)]
    residual = logarithm - np.mean(around, axis=0)
    found = np.abs(np.fft.ifft(np.exp(residual + 1j * angle)))[: len(values)]
    return float(found[-1] / found[-1 - compared : -1].mean())


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 3, "compared": 21, "foretold": 5, "gradient": 5},
        {"width": 1, "compared": 7, "foretold": 0, "gradient": 1},
        {"width": 7, "compared": 39, "foretold": 2, "gradient": 3},
    ],
)
def test_score_is_that_of_the_paper(settings: dict[str, int]) -> None:
    windows = waves()
    own = {"smoothing" if name == "width" else name: value for name, value in settings.items()}
    found = scores(SpectralResidual(**own, floor=1e-6), windows)
    every = windows.take(slice(None)).astype(np.float64)
    expected = np.array([[salience(channel, **settings) for channel in window.T] for window in every])
    np.testing.assert_allclose(found.score, expected.max(axis=1), rtol=2e-3, atol=1e-4)
    assert found.by_channel is not None
    shares = expected**2 / (expected**2).sum(axis=1, keepdims=True) * expected.max(axis=1, keepdims=True)
    np.testing.assert_allclose(found.by_channel, shares, rtol=5e-3, atol=1e-3)


def test_what_is_foretold_is_the_papers_line() -> None:
    values = np.random.default_rng(1).standard_normal(9)
    slopes = [(values[7] - values[7 - back]) / back for back in (1, 2, 3)]
    expected = values[5] + 3 * np.mean(slopes)
    np.testing.assert_allclose(extended(9, foretold=2, gradient=3) @ values, [*values, expected, expected])


@pytest.mark.parametrize("length", [7, 40, 69])
def test_the_transform_is_numpys(length: int) -> None:
    values = np.random.default_rng(2).standard_normal(length)
    real, imaginary = spectrum(length)
    np.testing.assert_allclose(real @ values + 1j * (imaginary @ values), np.fft.fft(values), atol=1e-10)


def test_a_spike_within_the_usual_range_is_found_and_its_channel_told() -> None:
    windows = waves(800, length=64)
    strange = windows.take(slice(0, 200))
    low = strange[:, -1, 1] < 0
    strange[:, -1, 1] += np.where(low, 2, -2).astype(np.float32)
    usual = np.quantile(scores(SpectralResidual(), windows).score, 0.99)
    found = scores(SpectralResidual(), windows, strange)
    assert np.mean(found.score > usual) > 0.8
    assert found.by_channel is not None
    assert (found.by_channel.argmax(axis=1) == 1).mean() > 0.9


def test_a_flat_window_is_not_strange() -> None:
    flat = np.full((3, 40, 2), [[[0.0]], [[1.0]], [[-3.0]]], np.float32)
    assert (scores(SpectralResidual(), waves(), flat).score < 1.5).all()


def test_unit_does_not_matter() -> None:
    windows = waves()
    small = Windows(windows.series * np.float32(1 / 1024), windows.end, 40)
    np.testing.assert_allclose(
        scores(SpectralResidual(), small).score, scores(SpectralResidual(), windows).score, rtol=1e-3
    )


def test_a_window_too_short_for_a_spectrum_is_refused() -> None:
    with pytest.raises(InputError, match="at least 7 readings"):
        SpectralResidual().fit(waves(length=6), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [("smoothing", 2), ("smoothing", 0), ("compared", 0), ("gradient", 0), ("foretold", -1), ("floor", 0)],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    settings = {name: value}
    with pytest.raises(SettingError, match=name):
        SpectralResidual(**settings)
