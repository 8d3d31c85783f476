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

_ENOUGH = 30
"""From so many independent excesses on they speak for themselves; with half as many, the prior counts whole."""

_PRIOR = 0.2
"""Standard deviation of the shape before anything is seen. Its mean is 0, an exponential tail."""

_DOUBTED = 0.5
"""The shape is no greater until there are enough."""

_STEPS = 6
"""Of Newton's method, from a point that is within a half of the root: to the last digits."""


def fit_tail(
    excess: FloatArray, beyond: BoolArray, *, worth: float = math.inf, heaviest: float = math.inf
) -> tuple[float, float]:
    """Return scale and shape of the generalised Pareto distribution under which the excesses are likeliest.

    Grimshaw's trick (1993, "Computing maximum likelihood estimates for the generalized Pareto distribution") leaves one
    unknown, θ = shape ÷ scale: the best shape for it is the mean of ln(1 + θ·excess). With excesses that are known only
    to lie beyond a value, the same sum is divided by the number of the others. The likelihood is searched over its
    whole range, so it is never below that of the moments' estimate, which libspot tries beside it.

    Few excesses say little of the shape, and a shape that is too great puts a limit out of all reach. So a normal prior
    holds it near 0 until there are enough, as Coles & Dixon do by a penalty (1999, "Likelihood-based inference for
    extreme value models"). The best shape for θ is then the root of a cubic.

    Parameters
    ----------
    excess
        ndarray of shape (n,), n ≥ 1, none negative.
    beyond
        ndarray of shape (n,), bool: was the excess greater than that, nobody knows by how much? One is known at least.
    worth
        How many independent excesses they are worth; with few, the shape is held near 0.
    heaviest
        The shape is no greater.

    Examples
    --------
    >>> excess = np.random.default_rng(0).exponential(2, size=100_000)
    >>> scale, shape = fit_tail(excess, np.zeros(len(excess), np.bool_))
    >>> round(scale, 1), abs(round(shape, 2))
    (2.0, 0.0)
    >>> few = np.array([1.0, 1.0, 1.0, 30.0])
    >>> [round(fit_tail(few, np.zeros(4, np.bool_), worth=worth)[1], 1) for worth in (4, math.inf)]
    [0.1, 1.1]
    """
    greatest, known = float(excess.max()), ~beyond
    if not greatest > 0:
        return 0.0, 0.0
    part = np.ascontiguousarray(excess / greatest, np.float64)
    held, most = firmness(worth) * len(excess) / worth, greatest_shape(worth, heaviest)
    low, high = _SEARCHED
    for _ in range(_ROUNDS):
        tried = np.linspace(low, high, _POINTS)
        theta, shape, loss = _profile(tried, part, known, held, most)
        best = int(loss.argmin())
        low, high = tried[max(best - 1, 0)], tried[min(best + 1, _POINTS - 1)]
    return float(shape[best] / theta[best]) * greatest, float(shape[best])


def firmness(worth: float) -> float:
    """Return how firmly the prior holds the shape: 1 ÷ its variance, less from half of enough on, 0 from there.

    >>> [round(firmness(worth), 1) for worth in (8, 15, 20, 30, math.inf)]
    [25.0, 25.0, 12.5, 0.0, 0.0]
    """
    return min(1.0, max(_ENOUGH / worth - 1, 0.0)) / _PRIOR**2


def greatest_shape(worth: float, heaviest: float) -> float:
    """Return the greatest shape that so many independent excesses are believed.

    >>> greatest_shape(8, math.inf), greatest_shape(30, math.inf), greatest_shape(30, 1.0)
    (0.5, inf, 1.0)
    """
    return min(heaviest, _DOUBTED) if worth < _ENOUGH else heaviest


def tail_quantile(scale: float, shape: float, share: float) -> float:
    """Return the excess that a ``share`` of the excesses is greater than.

    >>> round(tail_quantile(1.0, 0.5, 0.01), 9), round(tail_quantile(1.0, -1.0, 0.01), 9)
    (18.0, 0.99)
    """
    rarity = math.log(1 / share)
    if abs(shape) * rarity < _LEAST:
        return scale * rarity
    return scale * math.expm1(min(shape * rarity, 700.0)) / shape


def _profile(
    tried: FloatArray, part: FloatArray, known: BoolArray, held: float, most: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return θ, the shape that suits it best, and the loss (−log-posterior ÷ number known − 1) at each point tried."""
    theta = np.expm1(tried)
    theta[theta == 0] = _LEAST
    logs = np.log1p(theta[:, None] * part)
    count = int(known.sum())
    free = logs.sum(axis=1) / count
    told = free if count == len(part) else (logs * known).sum(axis=1) / count
    shape = np.minimum(_root(free, held / count) if held else free, most)
    loss = np.log(shape / theta) + told + free / shape - 1 + held / count * shape**2 / 2
    return theta, shape, np.where(shape >= _LIGHTEST, loss, np.inf)


def _root(free: FloatArray, held: float) -> FloatArray:
    """Return the shape at which shape + held · shape³ = free, by Newton's method from above.

    >>> _root(np.array([10.0, -2.0]), 1.0).round(9).tolist()
    [2.0, -1.0]
    """
    shape = np.copysign(np.minimum(np.abs(free), np.cbrt(np.abs(free) / held)), free)
    for _ in range(_STEPS):
        square = held * shape**2
        shape = (2 * square * shape + free) / (1 + 3 * square)
    return np.asarray(shape)
