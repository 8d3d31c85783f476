"""Rhythm: how much a series resembles itself some readings later, and the period that follows from it."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray


def resemblance(rows: FloatArray, lags: int, *, paired: bool = False) -> FloatArray:
    """Return the autocorrelation at lags 0 to ``lags``, averaged over the channels that move (Wiener–Khinchin).

    Parameters
    ----------
    rows
        ndarray of shape (n, channels), float64, without missing values.
    lags
        As far as the rows reach.
    paired
        Divide by the number of pairs at each lag, so that a long period does not fade; the tail is noisy then.

    Examples
    --------
    >>> resemblance(np.array([[1.0], [-1.0]] * 50), 2, paired=True).round(6).tolist()
    [1.0, -1.0, 1.0]
    """
    moving = rows[:, np.ptp(rows, axis=0) > 0] if len(rows) else rows
    if not moving.size:
        return np.zeros(1)
    centred = moving - moving.mean(axis=0)
    spectrum = np.fft.rfft(centred, n=2 * len(rows), axis=0)
    lagged = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: min(lags + 1, len(rows))]
    mean: FloatArray = (lagged / lagged[0]).mean(axis=1)
    return mean * len(rows) / np.arange(len(rows), len(rows) - len(mean), -1) if paired else mean


def peaks(lagged: FloatArray, *, shortest: int) -> IntArray:
    """Return the lags p from ``shortest`` on with nothing higher between p / 2 and 3 p / 2, in ascending order."""
    inner = np.arange(max(shortest, 1), len(lagged) - 1)
    inner = inner[(lagged[inner] >= lagged[inner - 1]) & (lagged[inner] >= lagged[inner + 1])]
    return inner[[bool(lagged[lag] >= lagged[lag // 2 : 3 * lag // 2 + 1].max()) for lag in inner]]


def first_of_highest(lags: IntArray, height: FloatArray, *, nearly: float = 0.9) -> int | None:
    """Return the shortest lag ``nearly`` as high as the highest, for multiples of a period are periods, too."""
    return int(lags[height >= nearly * height.max()][0]) if len(lags) else None
