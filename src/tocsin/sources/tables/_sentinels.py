"""Values that loggers write when a sensor has nothing to say."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray

_LISTED = (
    "-99 -99.9 -99.99 -100 -127 -200 -888 -999 -999.9 -999.99 -6999 -7999 -9999 -9999.9 -32768 -99999 -2147483648 "
    "999 999.9 6553.5 9999 9999.9 32767 65535 99999 2147483647"
)
_KNOWN = np.array([float(text) for text in _LISTED.split()])
_REPEATED = 2


def sentinels_in(values: FloatArray) -> tuple[float, ...]:
    """Return the values of one channel that mean "missing".

    A known sentinel counts as one if it is repeated and lies far outside all other values: by more than their whole
    span, or below zero where no other value is.

    Parameters
    ----------
    values
        ndarray of shape (rows,), float64, NaN where missing.

    Examples
    --------
    >>> sentinels_in(np.array([20.0, 21.5, -200.0, 22.0, -200.0]))
    (-200.0,)
    >>> sentinels_in(np.array([-150.0, 20.0, -200.0, 22.0, -200.0]))
    ()
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return ()
    near = _KNOWN[(finite.min() <= _KNOWN) & (finite.max() >= _KNOWN)]
    found = [value for value in near if np.count_nonzero(finite == value) >= _REPEATED]
    rest = finite[~np.isin(finite, found)] if found else finite
    if not found or not len(rest):
        return ()
    low, high = float(rest.min()), float(rest.max())
    return tuple(float(value) for value in found if _is_far(float(value), low, high))


def _is_far(value: float, low: float, high: float) -> bool:
    if value < 0 <= low:
        return True
    return value < low - (high - low) or value > high + (high - low)
