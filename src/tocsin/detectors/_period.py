"""The period of normal readings, for detectors whose windows should hold just one."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows

_READINGS = 20_000
_SHORTEST = 6
_LEAST = 0.1
"""A resemblance below this is taken for chance."""
_NEARLY = 0.9


def period_of(windows: Windows) -> int:
    """Return the lag, from 6 readings to the length of the windows, at which the channels resemble themselves most.

    A period p is a peak of the autocorrelation, averaged over the channels that move, with nothing higher between p / 2
    and 3 p / 2; of several that are nearly as high as the highest, the shortest, for multiples of a period are periods,
    too. Where there is no such peak above .1, it is the length of the windows.

    >>> wave = np.sin(np.arange(500) * 2 * np.pi / 24).astype(np.float32)[:, None]
    >>> period_of(Windows(wave, end=np.arange(99, 500), length=100))
    24
    """
    lagged = _resemblance(windows.rows()[:_READINGS].astype(np.float64), windows.length + 1)
    lags = np.arange(_SHORTEST, len(lagged) - 1)
    peaks = lags[[lagged[lag] == lagged[lag // 2 : 3 * lag // 2 + 1].max() for lag in lags]]
    peaks = peaks[lagged[peaks] > _LEAST]
    return int(peaks[lagged[peaks] >= _NEARLY * lagged[peaks].max()][0]) if len(peaks) else windows.length


def _resemblance(rows: FloatArray, lags: int) -> FloatArray:
    """Return the mean autocorrelation at lags 0 to ``lags``, or as far as the rows reach."""
    moving = rows[:, np.ptp(rows, axis=0) > 0]
    if not moving.size:
        return np.zeros(1)
    centred = moving - moving.mean(axis=0)
    spectrum = np.fft.rfft(centred, n=2 * len(rows), axis=0)
    lagged = np.fft.irfft(np.abs(spectrum) ** 2, axis=0)[: min(lags + 1, len(rows))]
    mean: FloatArray = (lagged / lagged[0]).mean(axis=1)
    return mean
