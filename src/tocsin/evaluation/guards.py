"""Guards against self-deception: a split that leaks ends the evaluation, loudly, instead of flattering it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.errors import TocsinError

Learned = Callable[[FloatArray], Sequence[object]]
"""From all values of shape (n, channels) to whatever was learned from the part that may be learned from."""

_POISON = 1e3
"""How far, in spreads of the channel, a judged reading is moved to see whether anything learned moves with it."""


class LeakError(TocsinError):
    """What is judged was seen in training, so that every figure would be too good."""


def check_split(learn: BoolArray, judged: BoolArray, device: IntArray, *, window: int) -> None:
    """Raise unless no window that is learned from can hold a judged reading.

    Catches folds of shuffled windows, whose neighbours overlap, and a missing gap behind a judged block.

    Parameters
    ----------
    learn, judged
        ndarrays of shape (n,), bool, in order of time within each device.
    device
        ndarray of shape (n,), int64.
    window
        Readings in a window.

    Raises
    ------
    LeakError
        Names the first row that leaks.

    Examples
    --------
    >>> learn = np.array([True, True, False, True])
    >>> check_split(learn, ~learn, np.zeros(4, int), window=2)
    Traceback (most recent call last):
    tocsin.evaluation.guards.LeakError: A window of 2 readings that ends in row 3 is learned from, but holds row 2, ...
    """
    if both := np.flatnonzero(learn & judged).tolist():
        raise LeakError(
            f"{len(both)} readings are both learned from and judged, the first in row {both[0]}.",
            remedy="Take them out of one of the two.",
        )
    row = np.arange(len(learn))
    order = np.argsort(device, kind="stable")
    place = np.empty(len(learn), np.int64)
    place[order] = row
    last = _last_before(judged[order], device[order])[place]
    leaks = np.flatnonzero(learn & (last >= 0) & (place - last < window))
    if len(leaks):
        end = int(leaks[0])
        raise LeakError(
            f"A window of {window} readings that ends in row {end} is learned from, but holds row {order[last[end]]}, "
            "which is judged.",
            remedy="Cut by time, and leave a gap of one window behind what is judged; never shuffle windows.",
        )


def check_blind(learned: Learned, values: FloatArray, judged: BoolArray) -> None:
    """Raise if anything that was learned changes when the judged readings do.

    Calls ``learned`` twice: on the values as they are, and with the judged ones moved far up and down in turn. Whatever
    was learned without them, such as a scaler or a whole graph, comes out the same, byte for byte.

    Parameters
    ----------
    learned
        Returns arrays of numbers, numbers, texts or bytes.
    values
        ndarray of shape (n, channels), float64.
    judged
        ndarray of shape (n,), bool.

    Raises
    ------
    LeakError
        Says how many of the learned things have seen the judged readings.

    Examples
    --------
    >>> values, judged = np.arange(4.0)[:, None], np.array([False, False, True, True])
    >>> check_blind(lambda seen: [seen[:2].mean()], values, judged)
    >>> check_blind(lambda seen: [seen.mean()], values, judged)
    Traceback (most recent call last):
    tocsin.evaluation.guards.LeakError: 1 of 1 things learned depend on readings that are judged. ...
    """
    poisoned = values.copy()
    far = _POISON * (np.nanmax(np.abs(values), axis=0) + 1)
    way = np.where(np.arange(int(judged.sum())) % 2, 2.0, -1.0)[:, None]
    poisoned[judged] = values[judged] + way * far
    honest, other = learned(values), learned(poisoned)
    seen = sum(not _same(one, two) for one, two in zip(honest, other, strict=True))
    if seen:
        raise LeakError(
            f"{seen} of {len(honest)} things learned depend on readings that are judged.",
            remedy="Fit scalers, features and limits on what may be learned from, alone.",
        )


def _last_before(judged: BoolArray, device: IntArray) -> IntArray:
    """Return for each row the last judged one of the same device up to it, -1 for none; devices in one piece each."""
    row = np.arange(len(judged))
    last = np.maximum.accumulate(np.where(judged, row, -1))
    start = np.searchsorted(device, device)
    return np.where(last >= start, last, -1)


def _same(one: object, two: object) -> bool:
    if isinstance(one, bytes | str):
        return one == two
    return np.array_equal(np.asarray(one), np.asarray(two), equal_nan=True)
