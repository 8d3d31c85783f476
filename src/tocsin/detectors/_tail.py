"""How rare an error is: learned from errors of normal readings, and going on beyond the greatest of them."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.graph.curve import Curve

_TAIL = 0.1
"""Share of the errors, the greatest ones, that the tail is fitted to."""

_FEWEST = 20
"""The tail is fitted to no fewer errors than these, as long as they are no more than half of all."""

_HEAVIEST = 0.5
"""Greatest shape of the tail: beyond it, an error ten times as great would hardly be rarer."""

_BODY, _BEYOND = 24, 48
"""Knots of the curve in the body and in the tail."""

_FARTHEST = 1e8
"""The tail is drawn up to so many times its scale, and straight from there."""

_LEAST = 1e-6
"""Two errors closer than this, in squared scaled units, are as good as equal."""


def rarity(errors: FloatArray) -> Curve:
    """Return the curve from an error to −log10 of the share of normal readings whose error is greater.

    An error that one in a thousand normal readings exceeds yields 3. Up to the greatest tenth this is the empirical
    distribution; from there the generalised Pareto distribution with the same probability-weighted moments (Hosking &
    Wallis 1987, "Parameter and quantile estimation for the generalized Pareto distribution"), whose shape is held
    between 0, which is an exponential tail, and .5: so no error is ever impossible, and each greater one is rarer.

    Parameters
    ----------
    errors
        ndarray of shape (n,), n ≥ 2, none negative: of held-out normal readings.

    Examples
    --------
    >>> curve = rarity(np.random.default_rng(0).exponential(size=100_000))
    >>> curve(np.log([1, 10, 1e3, 1e6])).round(1).tolist()
    [0.0, 1.0, 3.0, 6.0]
    """
    share = min(0.5, max(_TAIL, _FEWEST / len(errors)))
    levels = np.linspace(0, -np.log10(share), _BODY)
    body = np.quantile(errors, 1 - 10**-levels)
    body[0] = 0
    scale, shape = pareto(errors[errors > body[-1]] - body[-1])
    steps = np.concatenate([[0.25, 0.5], np.geomspace(1, _FARTHEST, _BEYOND)])
    beyond = np.log1p(shape * steps) / shape if shape > 0 else steps
    at = np.concatenate([body, body[-1] + scale * steps])
    return Curve(_apart(at), np.concatenate([levels, levels[-1] + beyond / np.log(10)]))


def pareto(excess: FloatArray) -> tuple[float, float]:
    """Return scale and shape of the generalised Pareto distribution that ``excess``, of shape (n,), comes from.

    The scale is such that the mean is kept where the shape has to be held within its bounds.
    """
    if not len(excess):
        return _LEAST, 0.0
    ordered = np.sort(excess)
    mean = float(ordered.mean())
    rest = 1 - (np.arange(len(ordered)) + 0.65) / len(ordered)
    weighted = float((rest * ordered).mean())
    spread = mean - 2 * weighted
    shape = 2 - mean / spread if spread > 0 else 0.0
    shape = min(max(shape, 0.0), _HEAVIEST)
    return max(mean * (1 - shape), _LEAST), 0.0 if shape < 0.01 else shape


def _apart(at: FloatArray) -> FloatArray:
    """Return ``at`` with each knot a little above the one before, by more than float32 rounds away."""
    moved = at.copy()
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] * (1 + 1e-5) + _LEAST / _BODY)
    return moved
