"""Each channel's portion of a score, for those whose programs expect portions that sum to one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray


def portions(by_channel: npt.ArrayLike) -> FloatArray:
    """Return shares as portions that sum to 1, or zeros where a score cannot be taken apart.

    A share below zero, of a channel that made a score smaller, counts as none. Shares beyond all bounds are equal, and
    leave nothing to the others.

    Parameters
    ----------
    by_channel
        Array of shape (n, channels), float; NaN where unattributed.

    Returns
    -------
    ndarray of that shape, float64

    Examples
    --------
    >>> portions([[1.0, 3.0], [-1.0, 2.0], [np.nan, np.nan], [np.inf, 1.0]]).tolist()
    [[0.25, 0.75], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]]
    """
    positive = np.maximum(np.nan_to_num(np.asarray(by_channel, np.float64), posinf=np.inf, neginf=0.0), 0.0)
    boundless = np.isinf(positive)
    positive = np.where(boundless.any(axis=1, keepdims=True), boundless, positive)
    greatest = positive.max(axis=1, keepdims=True, initial=0.0)
    scaled = positive / np.where(greatest > 0, greatest, 1.0)
    whole = scaled.sum(axis=1, keepdims=True)
    return np.asarray(scaled / np.where(whole > 0, whole, 1.0))
