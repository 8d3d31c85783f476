"""The period of normal readings, for detectors whose windows should hold just one."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows

_READINGS = 20_000
_SHORTEST = 6
_LEAST = 0.1
"""A resemblance below this is taken for chance."""


def period_of(windows: Windows) -> int:
    """Return the lag, from 6 readings to the length of the windows, at which the channels resemble themselves most.

    It is the highest peak of the autocorrelation, averaged over the channels that move; the length of the windows where
    there is no peak above .1.

    >>> wave = np.sin(np.arange(500) * 2 * np.pi / 24).astype(np.float32)[:, None]
    >>> period_of(Windows(wave, end=np.arange(99, 500), length=100))
    24
    """
    lagged = _resemblance(windows.rows()[:_READINGS].astype(np.float64), windows.length + 1)
    peaks = 1 + np.flatnonzero((lagged[1:-1] > lagged[:-2]) & (lagged[1:-1] > lagged[2:]))
    peaks = peaks[(peaks >= _SHORTEST) & (lagged[peaks] > _LEAST)]
    return int(peaks[lagged[peaks].argmax()]) if len(peaks) else windows.length


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
