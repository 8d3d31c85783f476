"""Telling the two passes of the hour that daylight saving repeats apart, by the readings before."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import NEVER, IntArray


def unfold(first: IntArray, second: IntArray, device: IntArray) -> IntArray:
    """Return the times that are meant where a local stamp may mean either of two.

    Of each device, in the file's order, that time is taken which is nearer to when the next reading was due: the last
    one's time and a usual step. Rows without one before mean the first pass.

    Parameters
    ----------
    first, second
        ndarrays of shape (rows,), int64, ns: the earlier and the later meaning, the same for most rows; NEVER where
        the time could not be read.
    device
        ndarray of shape (rows,), int64: index of the device.

    Examples
    --------
    >>> first, second = np.array([0, 30, 0, 30]), np.array([60, 90, 60, 90])
    >>> unfold(first, second, np.zeros(4, np.int64)).tolist()
    [0, 30, 60, 90]
    """
    found = first.copy()
    for number in np.unique(device[first != second]):
        own = np.flatnonzero((device == number) & (first != NEVER))
        found[own] = _unfolded(first[own], second[own])
    return found


def _unfolded(first: IntArray, second: IntArray) -> IntArray:
    found, steps = first.copy(), np.diff(first)
    step = int(np.median(steps[steps > 0])) if (steps > 0).any() else 0
    for row in np.flatnonzero(first != second):
        due = int(found[row - 1]) + step
        apart = int(second[row] - first[row])
        if row and abs(int(second[row]) - due) <= abs(int(first[row]) - due) and due <= second[row] + apart:
            found[row] = second[row]
    return found
