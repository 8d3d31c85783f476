"""Windows whose scores lie so close to the limit that the smallest difference of an export could turn the verdict."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray

CLOSE = 1e-3
"""How close to the limit a borderline score lies, as a share of it."""

_HALVINGS = 40
"""After so many, what lies between the two windows is less than single precision tells apart."""

Scoring = Callable[[Float32Array], FloatArray]


def borderline(below: Float32Array, above: Float32Array, *, score: Scoring, limit: float) -> Float32Array:
    """Return windows between normal and anomalous ones whose scores lie within a thousandth of the limit.

    Between each pair the interval in which the verdict turns is halved, all pairs at a time, until the scores on both
    its sides are close enough; both sides are returned. Where the score jumps over the limit, as a forest's does, they
    are the two windows between which it jumps.

    Parameters
    ----------
    below, above
        ndarrays of shape (n, window, channels), float32: windows that score at most ``limit``, and above it.
    score
        Scores such windows; float64.
    limit
        Where the verdict turns.

    Returns
    -------
    ndarray of shape (2n, window, channels), float32
        First the normal sides, then the anomalous ones.

    Examples
    --------
    >>> one, nine = np.full((1, 1, 1), 1, np.float32), np.full((1, 1, 1), 9, np.float32)
    >>> borderline(one, nine, score=lambda windows: windows[:, 0, 0].astype(float), limit=3).ravel().round(2).tolist()
    [3.0, 3.0]
    """
    low, high = below.copy(), above.copy()
    settled_low, settled_high = (np.zeros(len(low), np.bool_) for _ in range(2))
    least, most = np.zeros(len(low)), np.ones(len(low))
    for _ in range(_HALVINGS if len(low) else 0):
        middle = (least + most) / 2
        windows = _between(below, above, middle)
        found = score(windows)
        strange, close = found > limit, _close(found, limit)
        # a side that is close already stays there: the closer it lies, the less of the promise it tests
        up, down = strange & ~settled_high, ~strange & ~settled_low
        high[up], low[down] = windows[up], windows[down]
        settled_high |= up & close
        settled_low |= down & close
        least, most = np.where(strange, least, middle), np.where(strange, middle, most)
        if (settled_low & settled_high).all():
            break
    return np.concatenate([low, high])


def _between(below: Float32Array, above: Float32Array, share: FloatArray) -> Float32Array:
    """Return the windows that lie the given share of the way, of shape (n,), from one to the other."""
    way = share[:, None, None]
    between: Float32Array = (below * (1 - way) + above * way).astype(np.float32)
    return between


def _close(score: FloatArray, limit: float) -> BoolArray:
    return np.asarray(np.abs(score - limit) <= CLOSE * abs(limit))
