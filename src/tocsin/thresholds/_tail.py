"""The tail of a distribution: what lies beyond the greatest scores seen, told from those above a high level."""

from __future__ import annotations

import math

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray

_LIGHTEST = -1.0
"""Least shape: below, the likelihood grows without bound as the end of the support nears the greatest excess."""

_SEARCHED = (-12.0, 28.0)
"""Where ln(1 + shape · greatest ÷ scale) is looked for: from a tail that ends at the greatest excess on."""

_POINTS, _ROUNDS = 21, 4
"""Points tried in a round, and rounds, each between the neighbours of the best: to .002 in that logarithm."""

_LEAST = 1e-12
"""Stands for a shape of 0, for which the likelihood is a limit."""


def fit_tail(excess: FloatArray, beyond: BoolArray) -> tuple[float, float]:
    """Return scale and shape of the generalised Pareto distribution under which the excesses are likeliest.

    Grimshaw's trick (1993, "Computing maximum likelihood estimates for the generalized Pareto distribution") leaves one
    unknown, θ = shape ÷ scale: the best shape for it is the mean of ln(1 + θ·excess). With excesses that are known only
    to lie beyond a value, the same sum is divided by the number of the others. The likelihood is searched over its
    whole range, so it is never below that of the moments' estimate, which libspot tries beside it.

    Parameters
    ----------
    excess
        ndarray of shape (n,), n ≥ 1, none negative.
    beyond
        ndarray of shape (n,), bool: was the excess greater than that, nobody knows by how much? One is known at least.

    Examples
    --------
    >>> excess = np.random.default_rng(0).exponential(2, size=100_000)
    >>> scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_))
    >>> round(scale, 1), abs(round(shape, 2))
    (2.0, 0.0)
    """
    greatest, known = float(excess.max()), ~beyond
    if not greatest > 0:
        return 0.0, 0.0
    part = np.ascontiguousarray(excess / greatest, np.float64)
    low, high = _SEARCHED
    for _ in range(_ROUNDS):
        tried = np.linspace(low, high, _POINTS)
        theta, shape, loss = _profile(tried, part, known)
        best = int(loss.argmin())
        low, high = tried[max(best - 1, 0)], tried[min(best + 1, _POINTS - 1)]
    return float(shape[best] / theta[best]) * greatest, float(shape[best])


def tail_quantile(scale: float, shape: float, share: float) -> float:
    """Return the excess that a ``share`` of the excesses is greater than.

    >>> round(tail_quantile(1.0, 0.5, 0.01), 9), round(tail_quantile(1.0, -1.0, 0.01), 9)
    (18.0, 0.99)
    """
    rarity = math.log(1 / share)
    if abs(shape) * rarity < _LEAST:
        return scale * rarity
    return scale * math.expm1(min(shape * rarity, 700.0)) / shape


def _profile(tried: FloatArray, part: FloatArray, known: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return θ, the shape that suits it best, and the loss (−log-likelihood ÷ number known − 1) at each point tried."""
    theta = np.expm1(tried)
    theta[theta == 0] = _LEAST
    logs = np.log1p(theta[:, None] * part)
    count = int(known.sum())
    shape = logs.sum(axis=1) / count
    told = shape if count == len(part) else (logs * known).sum(axis=1) / count
    loss = np.log(shape / theta) + told
    return theta, shape, np.where(shape >= _LIGHTEST, loss, np.inf)
