"""How far away only a small share of the scores lies: told from the tail, which goes on where the scores end."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.thresholds._above import just_above
from tocsin.thresholds._clusters import clusters
from tocsin.thresholds._tail import firmness, fit_tail, greatest_shape, tail_quantile

_SHARE = 0.04
"""Share of the distances, the greatest ones, that the tail is fitted to; four times the rate where that is more."""

_FEWEST = 20
"""Distances in the tail that it takes at least to tell how it goes on."""

_SHORTEST = -0.2
"""Least shape that the bias is told for: it is not known from −1/3 on."""

_HEAVIEST = 1.0
"""Greatest shape: from here on a tail has no mean, and a limit that follows one would run away with it."""


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
    excess, worth = distance[places] - level, clusters(places)
    scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_), worth=worth, heaviest=_HEAVIEST)
    part = min(1.0, rate * len(distance) / len(excess))
    return level + tail_quantile(scale, _corrected(shape, worth), part)


def _corrected(shape: float, worth: float) -> float:
    """Return the shape without its bias, of which there is less where a prior holds it, and no more of it than that."""
    free = worth / (worth + firmness(worth))
    return min(shape + free * _shortfall(shape, worth), greatest_shape(worth, _HEAVIEST))


def _shortfall(shape: float, told: float) -> float:
    """Return by how much the likeliest shape of so many independent excesses is too low, which ends the tail too early.

    Giles, Feng & Godwin (2016), "Bias-corrected maximum likelihood estimation of the parameters of the generalized
    Pareto distribution", equation 16.
    """
    held = max(shape, _SHORTEST)
    return (1 + held) * (3 + held) / (told * (1 + 3 * held))
