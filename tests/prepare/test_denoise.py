"""Denoised values, held to PyWavelets on everything known up to each reading."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import pywt  # type: ignore[import-untyped]  # PyWavelets ships no types

from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.prepare import parse
from tocsin.prepare.denoise import Denoise

WAVELETS = ["haar", "db4", "sym8", "coif2", "bior2.2", "rbio3.3"]


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("wavelet", WAVELETS)
def test_equals_pywavelets_on_all_that_came_before(wavelet: str, level: int) -> None:
    series = np.random.default_rng(level).standard_normal(400).cumsum().astype(np.float32)
    found = parse([f"denoise:{wavelet},{level}"])(series[:, None])[:, 0]
    for now in (319, 350, 399):
        known = series[: now + 1].astype(np.float64)
        known = known[len(known) % 2**level :]
        bands = pywt.wavedec(known, wavelet, mode="symmetric", level=level)
        rest = pywt.waverec([bands[0], *(np.zeros_like(band) for band in bands[1:])], wavelet, mode="symmetric")
        assert found[now] == pytest.approx(rest[len(known) - 1], abs=1e-5)


def test_haar_is_a_plain_mean() -> None:
    series = np.array([[1], [3], [5], [11]], np.float32)
    assert parse(["denoise:haar,2"])(series)[-1, 0] == 5
    assert parse(["denoise:haar,1"])(series)[1:, 0].tolist() == [2, 4, 8]


@pytest.mark.parametrize("level", [0.1, 1e5])
def test_what_stands_still_passes_unchanged(level: float) -> None:
    series = np.full((40, 1), level, np.float32)
    np.testing.assert_array_equal(parse(["denoise"])(series)[21:], series[21:])


def test_noise_is_told_as_it_is_removed() -> None:
    assert np.sqrt(np.sum(Denoise("db4", 2).weights() ** 2)) == pytest.approx(0.65, abs=0.005)
    noise = np.random.default_rng(0).standard_normal((20_000, 1)).astype(np.float32)
    assert parse(["denoise"])(noise)[21:].std() == pytest.approx(0.65, abs=0.02)


def test_a_name_alone_is_enough() -> None:
    assert Denoise.parse("") == Denoise("db4", 2)
    assert Denoise.parse("sym4") == Denoise("sym4", 2)
    assert Denoise.parse(" db8 , 3") == Denoise("db8", 3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("denoise:db4,0", "denoise:db4,0: 0 is no whole number from 1 to 10"),
        ("denoise:db4,", "nothing is no whole number"),
        ("denoise:4", "there is no wavelet '4'"),
        ("denoise:morl", "there is no wavelet 'morl'"),
    ],
)
def test_what_is_misspelt_is_refused(wrong: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as told:
        parse([wrong])
    assert "denoise:db4,2" in told.value.remedy


def test_without_pywavelets_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pywt", None)
    with pytest.raises(MissingExtraError, match="The prepare step denoise needs PyWavelets"):
        parse(["denoise"])
