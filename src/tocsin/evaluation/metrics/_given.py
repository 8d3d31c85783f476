"""Turns away what no metric can judge: labels, flags and scores that do not fit together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray


def given_flags(labels: npt.ArrayLike, *flags: npt.ArrayLike) -> tuple[BoolArray, ...]:
    """Return labels and flags as bool, one entry a reading.

    Raises
    ------
    ValueError
        If one of them is not one-dimensional, differs in length, or holds anything but true and false.
    """
    first = _truth(labels, "labels")
    others = [_truth(flag, "flags") for flag in flags]
    for other in others:
        _same(first, other, "flags")
    return (first, *others)


def given_scores(labels: npt.ArrayLike, scores: npt.ArrayLike) -> tuple[BoolArray, FloatArray]:
    """Return labels as bool and scores as float64, one entry a reading.

    Raises
    ------
    ValueError
        If shapes differ, or a score is NaN or infinite: leave out the readings without a score first.
    """
    truth, score = _truth(labels, "labels"), np.asarray(scores, np.float64)
    _same(truth, score, "scores")
    unknown = np.count_nonzero(~np.isfinite(score))
    if unknown:
        raise ValueError(f"{unknown} scores are NaN or infinite: leave those readings out")
    return truth, score


def _truth(given: npt.ArrayLike, what: str) -> BoolArray:
    array = np.asarray(given)
    if array.ndim != 1:
        raise ValueError(f"{what} have shape {array.shape}, not one entry a reading")
    if array.dtype == np.bool_:
        return array
    truth = array.astype(bool)
    if not np.array_equal(truth, array):
        raise ValueError(f"{what} hold more than true and false, or 1 and 0")
    return truth


def _same(labels: BoolArray, other: npt.NDArray[np.generic], what: str) -> None:
    if other.shape != labels.shape:
        raise ValueError(f"labels have shape {labels.shape}, {what} have shape {other.shape}")
