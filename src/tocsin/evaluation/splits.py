"""Splits by time: blocks of readings to judge, the rest to learn from, and a gap between, so that nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.errors import SettingError

LEAST = 4
"""Distinct times that a judged block must hold: fewer judge nothing."""


@dataclass(frozen=True, eq=False)
class Fold:
    """What may be learned from and what is judged; readings in neither are the gap.

    Parameters
    ----------
    name
        Such as "fold 2 of 5".
    learn, judged
        ndarrays of shape (n,), bool: no reading is in both.
    """

    name: str
    learn: BoolArray
    judged: BoolArray


def holdout(time: IntArray, *, share: float = 0.6, gap: int, device: IntArray | None = None) -> Fold:
    """Return one fold: the first ``share`` of the distinct times to learn from, the rest to judge.

    Parameters
    ----------
    time
        ndarray of shape (n,), int64: times of all devices' readings; they are cut alike.
    share
        Share of the distinct times to learn from, above 0 and below 1.
    gap
        Distinct times left out in between, and readings of each device: one window's length at least.
    device
        ndarray of shape (n,), int64, or None for one device. Devices that report in turn have fewer readings than there
        are distinct times.
    """
    stamps, place = np.unique(time, return_inverse=True)
    cut = round(share * len(stamps))
    judged = place >= cut
    learn = (place < cut - gap) & _apart(time, judged, device, gap)
    _must_hold(int(np.count_nonzero(learn)), len(stamps) - cut)
    return Fold("hold-out", learn, judged)


def blocked(time: IntArray, *, folds: int, gap: int, device: IntArray | None = None) -> Iterator[Fold]:
    """Yield time-ordered folds: each block is judged once, by what was learned from all others, a gap to either side.

    Windows are never shuffled: neighbours overlap, and a shuffled fold would be judged on what it has learned
    (Bergmeir & Benítez 2012, "On the use of cross-validation for time series predictor evaluation").

    Parameters
    ----------
    time
        ndarray of shape (n,), int64: times of all devices' readings; they are cut alike.
    folds
        Number of blocks, 2 or more.
    gap
        Distinct times left out on either side of the judged block, and readings of each device: one window's length at
        least.
    device
        As for :func:`holdout`.

    Examples
    --------
    >>> [fold.learn.astype(int).tolist() for fold in blocked(np.arange(8), folds=2, gap=1)]
    [[0, 0, 0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0, 0, 0]]
    """
    if folds < 2:
        raise SettingError(f"{folds} folds leave nothing to learn from.", remedy="Give 2 folds or more.")
    stamps, place = np.unique(time, return_inverse=True)
    edges = np.round(np.linspace(0, len(stamps), folds + 1)).astype(np.int64)
    for k in range(folds):
        low, high = edges[k], edges[k + 1]
        judged = (place >= low) & (place < high)
        learn = ((place < low - gap) | (place >= high + gap)) & _apart(time, judged, device, gap)
        _must_hold(int(np.count_nonzero(learn)), int(high - low))
        yield Fold(f"fold {k + 1} of {folds}", learn, judged)


def _apart(time: IntArray, judged: BoolArray, device: IntArray | None, gap: int) -> BoolArray:
    """Return which readings are more than ``gap`` readings of their device away from those of it that are judged."""
    apart = ~judged
    owner = np.zeros(len(time), np.int64) if device is None else device
    for one in np.unique(owner):
        own = np.flatnonzero(owner == one)
        own = own[np.argsort(time[own], kind="stable")]
        where = np.flatnonzero(judged[own])
        if len(where):
            apart[own[max(where[0] - gap, 0) : where[-1] + 1 + gap]] = False
    return apart


def _must_hold(learn: int, judged: int) -> None:
    if learn < 1 or judged < LEAST:
        raise SettingError(
            "The readings are too few to be split like that.",
            remedy="Give more readings, fewer folds or a shorter window.",
        )
