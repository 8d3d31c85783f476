"""The readings of one device at even steps, so that what is asked of them can be asked of a plain array."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray

MOST = 50_000
"""Rows that are looked at for a rhythm, the latest ones: enough for a month of minutes."""

_EMPTY = 4
"""Where the grid would have so many times more rows than there are readings, pauses are passed over."""


def evenly(time: IntArray, values: FloatArray, *, period_ns: int) -> FloatArray:
    """Return ndarray of shape (rows, channels): one row a period, NaN where there is no news.

    Parameters
    ----------
    time
        ndarray of shape (n,), int64, ns, ascending.
    values
        ndarray of shape (n, channels), float64.
    period_ns
        The cadence; readings in one step of it are one row, the last known value of each channel.

    Examples
    --------
    >>> evenly(np.array([0, 10, 30]), np.array([[1.0], [2.0], [4.0]]), period_ns=10).T.tolist()
    [[1.0, 2.0, nan, 4.0]]
    """
    time, values = time[-MOST:], values[-MOST:]
    place = -(-(time - time[0]) // max(period_ns, 1)) if len(time) else time
    if not len(time) or place[-1] >= _EMPTY * len(time):
        return values
    out = np.full((int(place[-1]) + 1, values.shape[1]), np.nan)
    for k in range(values.shape[1]):
        known = ~np.isnan(values[:, k])
        out[place[known], k] = values[known, k]
    return out


def bridged(rows: FloatArray) -> FloatArray:
    """Return the rows with gaps drawn straight, channels that are never known left out."""
    known = ~np.isnan(rows)
    if known.all():
        return rows
    at = np.arange(len(rows))
    columns = [np.interp(at, at[own], rows[own, k]) for k, own in enumerate(known.T) if own.any()]
    return np.stack(columns, axis=1) if columns else np.zeros((len(rows), 0))
