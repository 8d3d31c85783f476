"""The period of normal readings, for detectors whose windows should hold just one."""

from __future__ import annotations

import numpy as np

from tocsin.core.rhythm import first_of_highest, peaks, resemblance
from tocsin.core.windows import Windows

_READINGS = 20_000
_SHORTEST = 6
_LEAST = 0.1
"""A resemblance below this is taken for chance."""


def period_of(windows: Windows) -> int:
    """Return the lag, from 6 readings to the length of the windows, at which the channels resemble themselves most.

    A period p is a peak of the autocorrelation, averaged over the channels that move, with nothing higher between p / 2
    and 3 p / 2; of several that are nearly as high as the highest, the shortest, for multiples of a period are periods,
    too. Where there is no such peak above .1, it is the length of the windows.

    >>> wave = np.sin(np.arange(500) * 2 * np.pi / 24).astype(np.float32)[:, None]
    >>> period_of(Windows(wave, end=np.arange(99, 500), length=100))
    24
    """
    lagged = resemblance(windows.rows()[:_READINGS].astype(np.float64), windows.length + 1)
    lags = peaks(lagged, shortest=_SHORTEST)
    lags = lags[lagged[lags] > _LEAST]
    return first_of_highest(lags, lagged[lags]) or windows.length
