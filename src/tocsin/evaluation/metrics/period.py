"""The period of a series: the buffer that VUS is measured with in published tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray

READINGS = 20_000
"""Readings at the start of the series that are looked at."""
SHORTEST, LONGEST, LAGS = 6, 303, 400


def dominant_period(series: npt.ArrayLike, *, fallback: int = 125) -> int:
    """Return the lag at which a series resembles itself most: the highest peak of its autocorrelation.

    The rule is that of the TSB-AD benchmark, whose published VUS figures take this period as their window: the first
    20,000 readings, the biased autocorrelation at lags 3 to 400, strict local maxima, the highest of them.

    Parameters
    ----------
    series
        Array of shape (n,), finite: readings of one channel of one device, equally spaced.
    fallback
        What is returned where there is no peak, or where the highest lies outside 6 to 303 readings.

    Returns
    -------
    int
        Readings per period.

    Raises
    ------
    ValueError
        If the series is not one-dimensional, or a reading is NaN or infinite.

    Examples
    --------
    >>> dominant_period(np.sin(np.arange(1000) * 2 * np.pi / 24))
    24
    >>> dominant_period(np.ones(1000))
    125
    """
    values = np.asarray(series, np.float64)
    if values.ndim != 1 or not np.isfinite(values).all():
        raise ValueError(f"a series of shape {values.shape} with {np.sum(~np.isfinite(values))} values NaN or infinite")
    lagged = _autocorrelation(values[:READINGS])
    peaks = 4 + np.flatnonzero((lagged[4:-1] > lagged[3:-2]) & (lagged[4:-1] > lagged[5:]))
    if not len(peaks):
        return fallback
    highest = int(peaks[np.argsort(lagged[peaks])[-1]])
    return highest if SHORTEST <= highest <= LONGEST else fallback


def _autocorrelation(values: FloatArray) -> FloatArray:
    """Return the biased autocorrelation at lags 0 to 400; 0 for a constant series.

    On a flat stretch of the autocorrelation rounding decides what is a peak: only a complex transform of this very
    length rounds as that behind the published figures does.
    """
    if not len(values):
        return values
    spectrum = np.fft.fft(values - values.mean(), n=_smooth(2 * len(values) + 1))
    covariance = np.fft.ifft(spectrum * spectrum.conj()).real[: min(len(values), LAGS + 1)] / len(values)
    return np.asarray(covariance / (covariance[0] or 1.0))


def _smooth(least: int) -> int:
    """Return the smallest product of twos, threes and fives that is no less than ``least``."""
    odd: list[int] = [3**k * 5**m for k in range(least.bit_length()) for m in range(least.bit_length())]
    return min(part << (-(-least // part) - 1).bit_length() for part in odd)
