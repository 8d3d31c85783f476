"""Vibration: what thousands of readings a second say together, as a few numbers a hop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import SettingError
from tocsin.prepare._columns import LARGEST
from tocsin.prepare._feature import C, Feature, whole

_LEAST = 8
"""Readings in the shortest hop."""

_STILL = 1e-6
"""Least deviation, in scaled units: below it there is no vibration but rounding."""

_ROOT = 256
"""ln x is worked out from x^(1 / 256)."""

_EXAMPLE = "bands:256,8"


@dataclass(frozen=True)
class Bands(Feature):
    """Bands: puts RMS, kurtosis and the energy in bands of frequency of each hop of readings in the readings' place.

    Parameters
    ----------
    hop
        Readings that become one row, 8 or more. A window of 10 rows is then made of 10 hops.
    bands
        Bands of equal width from 0 to half the sampling rate, at most hop ÷ 2.

    Notes
    -----
    Of each hop less its mean: the root of the mean square (RMS); the mean fourth power in units of RMS (kurtosis, 3 for
    noise, more for shocks; 0 for what stands still); and for each band the natural logarithm of its part of the mean
    square, with a Hann taper against leakage and its loss made good (Harris 1978, "On the use of windows for harmonic
    analysis with the discrete Fourier transform"). The hop that a reading ends is scored with it, wherever hops began
    in training. The logarithm is 512 (y − 1) / (y + 1) with y = x^(1 / 256), right to .1 %, because ONNX Runtime's
    ``Log`` rounds differently in other company.

    Examples
    --------
    >>> Bands.parse("256,4")
    Bands(hop=256, bands=4)
    """

    replaces: ClassVar[bool] = True

    hop: int
    bands: int = 8

    def __post_init__(self) -> None:
        if self.bands > self.hop // 2:
            raise SettingError(
                f"bands: {self.hop} readings cannot tell {self.bands} bands of frequency apart.",
                remedy=f"At most {self.hop // 2}. For example: --prepare {_EXAMPLE}",
            )

    @classmethod
    def parse(cls, text: str) -> Bands:
        """Return the step written as in "bands:256" or "bands:256,8"."""
        first, comma, second = text.partition(",")
        hop = whole(first, written=f"bands:{text}", least=_LEAST, example=_EXAMPLE)
        if not comma:
            return cls(hop, min(cls.bands, hop // 2))
        return cls(hop, whole(second, written=f"bands:{text}", least=1, example=_EXAMPLE))

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return self.hop - 1

    @property
    def stride(self) -> int:
        """Readings from one row to the next."""
        return self.hop

    def columns(self, values: C) -> tuple[C, ...]:
        """Return RMS, kurtosis and the logarithms of energy, a row each hop."""
        hops = values.within(LARGEST).hops(self.hop)
        apart = hops - hops.times(_newest(self.hop))
        swing = apart - apart.times(_mean(self.hop))
        rms = (swing * swing).times(_mean(self.hop)).at_least(_STILL**2).root()
        shape = swing / rms
        square = shape * shape
        lines = apart.times(_spectrum(self.hop))
        energy = (lines * lines).times(_shares(self.hop, self.bands)).at_least(_STILL**2)
        return rms.rows(), (square * square).times(_mean(self.hop)).rows(), _logarithm(energy).rows()


def _logarithm(values: C) -> C:
    root = values.power(1 / _ROOT)
    return (root - 1) / (root + 1) * (2 * _ROOT)


def _newest(hop: int) -> FloatArray:
    return np.eye(hop)[:, -1:]


def _mean(hop: int) -> FloatArray:
    return np.full((hop, 1), 1 / hop)


def _spectrum(hop: int) -> FloatArray:
    """Return the matrix of shape (hop, 2 · lines) that yields the tapered spectrum of a hop less its mean.

    Its squares sum up to the mean square: cosines first, then sines.
    """
    place = np.arange(hop)
    taper = 0.5 - 0.5 * np.cos(2 * np.pi * place / hop)
    line = np.arange(1, hop // 2 + 1)
    angle = 2 * np.pi * (np.outer(place, line) % hop) / hop
    weight = np.sqrt(np.where(2 * line == hop, 1, 2) / (hop * np.sum(taper**2)))
    waves = np.concatenate([np.cos(angle) * weight, np.sin(angle) * weight], axis=1) * taper[:, None]
    return np.asarray(waves - waves.mean(axis=0), np.float64)


def _shares(hop: int, bands: int) -> FloatArray:
    """Return the matrix of shape (2 · lines, bands) that adds up the squares of each band."""
    lines = hop // 2
    own = np.arange(lines) * bands // lines
    return np.tile(np.eye(bands)[own], (2, 1))
