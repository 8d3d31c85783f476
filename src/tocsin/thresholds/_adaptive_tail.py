"""How far away only a small share of the scores lies: told from the tail, which goes on where the scores end."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.thresholds._above import just_above
from tocsin.thresholds._tail import fit_tail, tail_quantile

_SHARE = 0.04
"""Share of the distances, the greatest ones, that the tail is fitted to; four times the rate where that is more."""

_FEWEST = 20
"""Distances in the tail that it takes at least to tell how it goes on."""

_BUNCHED = 0.2
"""High scores are worth no less than this share of as many independent ones: a daily cycle bunches them as well."""

_SHORTEST = -0.2
"""Least shape that the bias is told for: it is not known from −1/3 on."""


def beyond(distance: FloatArray, rate: float) -> float:
    """Return the distance that a share ``rate`` of them exceeds, in the long run.

    Parameters
    ----------
    distance
        ndarray of shape (n,), n ≥ 1, in order of time.
    rate
        Above 0 and at most .1.

    Examples
    --------
    >>> distance = np.random.default_rng(0).exponential(size=100_000)
    >>> [round(beyond(distance, rate)) for rate in (1e-2, 1e-4)], round(np.log(1e4))
    ([5, 9], 9)
    """
    share = min(max(_SHARE, 4 * rate, _FEWEST / len(distance)), 0.4)
    level = float(np.quantile(distance, 1 - share))
    places = np.flatnonzero(distance > level)
    if len(places) < _FEWEST:
        return just_above(float(distance.max()))
    excess = distance[places] - level
    scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_))
    part = min(1.0, rate * len(distance) / len(excess))
    return level + tail_quantile(scale, shape + _shortfall(shape, _clusters(places)), part)


def _shortfall(shape: float, told: float) -> float:
    """Return by how much the likeliest shape of so many independent excesses is too low, which ends the tail too early.

    Giles, Feng & Godwin (2016), "Bias-corrected maximum likelihood estimation of the parameters of the generalized
    Pareto distribution", equation 16.
    """
    held = max(shape, _SHORTEST)
    return (1 + held) * (3 + held) / (told * (1 + 3 * held))


def _clusters(places: IntArray) -> float:
    """Return in how many clusters the high distances at ``places`` come, by the gaps between them.

    Ferro & Segers (2003), "Inference for clusters of extreme values", equation 5.
    """
    gap = np.diff(places).astype(np.float64)
    least = 1 if gap.max() > 2 else 0
    share = 2 * (gap - least).sum() ** 2 / (len(gap) * ((gap - least) * (gap - 2 * least)).sum())
    return len(places) * min(1.0, max(_BUNCHED, float(share)))
