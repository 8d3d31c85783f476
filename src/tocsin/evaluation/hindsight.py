"""The hindsight score: what all windows that cover a reading say of it, later ones too. For finished files alone."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray


def hindsight(score: FloatArray, window: int) -> FloatArray:
    """Return for each reading the mean score of the windows that cover it.

    The score of a reading is that of the window which ends there, and knows nothing of later ones. Here the ``window``
    scores from the reading on are averaged: it was covered by those windows. No stream can do that, and no alarm may
    be judged by it; published tables of offline detectors allow it.

    Parameters
    ----------
    score
        ndarray of shape (n,), float64, of one device, in order of time; NaN where there is none.
    window
        Readings in a window.

    Returns
    -------
    ndarray of shape (n,), float64; NaN where no window that covers the reading has a score.

    Examples
    --------
    >>> hindsight(np.array([np.nan, 2.0, 4.0, 9.0]), 2).tolist()
    [2.0, 3.0, 6.5, 9.0]
    """
    padded = np.concatenate([score, np.full(window - 1, np.nan)])
    known = np.isfinite(padded)
    covering = np.lib.stride_tricks.sliding_window_view
    count = covering(known, window).sum(axis=1)
    whole = covering(np.where(known, padded, 0.0), window).sum(axis=1)
    return np.where(count > 0, whole / np.maximum(count, 1), np.nan)
