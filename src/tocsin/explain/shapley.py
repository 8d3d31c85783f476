"""What each channel brought, whoever came first: Shapley values of the score."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tocsin.core.progress import report
from tocsin.explain._batches import scores_of
from tocsin.graph.run import Runner

EXACT = 10
"""Channels up to which every company of channels is looked at: 2¹⁰ = 1,024 windows."""

PAIRS = 100
"""Orders of channels drawn, each with its reverse, where there are more."""


@dataclass(frozen=True, eq=False)
class Shapley:
    """A score taken apart by channel.

    Parameters
    ----------
    values
        ndarray of shape (channels,), float64: what each channel brought; they sum to ``score - base``.
    error
        ndarray of shape (channels,), float64: their standard error, 0 where they are exact.
    score, base
        The score of the window, and of one that holds usual values throughout.
    runs
        Windows that were scored to find out.
    exact
        Was every company of channels looked at?
    """

    values: FloatArray
    error: FloatArray
    score: float
    base: float
    runs: int
    exact: bool


def shapley(
    runner: Runner, window: Float32Array, *, usual: FloatArray, exact: int = EXACT, pairs: int = PAIRS, seed: int = 0
) -> Shapley:
    """Return what each channel brought to the score of ``window``: the mean over all orders of uncovering channels.

    A covered channel shows its usual value throughout the window. Channels are uncovered one after the other; what the
    score rises when a channel's turn comes is its due, and the mean is over all orders (Shapley 1953; Lundberg & Lee
    2017, "A unified approach to interpreting model predictions", equation 4). Beyond ``exact`` channels orders are
    drawn, each followed by its reverse, which spreads less than as many independent ones (Mitchell et al. 2022,
    "Sampling permutations for Shapley value estimation").

    Parameters
    ----------
    runner
        The graph.
    window
        ndarray of shape (window, channels), float32.
    usual
        ndarray of shape (channels,): the values that stand for "nothing strange here", such as the training median.
    exact
        Channels up to which all 2^channels companies are scored.
    pairs
        Orders drawn otherwise; each takes 2 · channels windows.
    seed
        Of the draw.

    Examples
    --------
    A score of a · b: neither brings anything without the other, so they share.

    >>> from tocsin.graph.network import Network
    >>> network = Network(window=1, channels=2)
    >>> row = network.op("Reshape", network.input, network.integers([-1, 2]))
    >>> a, b = (network.op("Gather", row, network.integers(k), attributes={"axis": 1}) for k in (0, 1))
    >>> runner = Runner(network.seal(network.op("Mul", a, b)).onnx)
    >>> shapley(runner, np.array([[3, 4]], np.float32), usual=np.zeros(2)).values.tolist()
    [6.0, 6.0]
    """
    game = _Game(runner, np.ascontiguousarray(window, np.float32), usual)
    if runner.channels <= exact:
        return _by_all(game)
    return _by_draw(game, pairs, np.random.default_rng(seed))


class _Game:
    """What each company of channels scores, all others being covered."""

    def __init__(self, runner: Runner, window: Float32Array, usual: FloatArray) -> None:
        self._runner, self._window = runner, window
        self._calm = np.broadcast_to(usual, window.shape).astype(np.float32)
        self.channels = window.shape[1]
        self.runs = 0

    def worth(self, companies: BoolArray) -> FloatArray:
        """Return the scores of ``companies``, ndarray of shape (n, channels): who is not covered."""
        self.runs += len(companies)

        def windows(start: int, stop: int) -> Float32Array:
            return np.where(companies[start:stop, None, :], self._window, self._calm)

        return scores_of(self._runner, windows, count=len(companies))


def _by_all(game: _Game) -> Shapley:
    """Look at each company with and without each channel."""
    n = game.channels
    companies = (np.arange(1 << n)[:, None] >> np.arange(n) & 1).astype(np.bool_)
    worth, size = game.worth(companies), companies.sum(axis=1)
    weight = np.array([1 / (n * math.comb(n - 1, k)) for k in range(n)])
    values = np.empty(n)
    for channel in range(n):
        without = np.flatnonzero(~companies[:, channel])
        values[channel] = weight[size[without]] @ (worth[without | 1 << channel] - worth[without])
    return Shapley(values, np.zeros(n), float(worth[-1]), float(worth[0]), game.runs, exact=True)


def _by_draw(game: _Game, pairs: int, rng: np.random.Generator) -> Shapley:
    """Draw orders, each with its reverse; the spread of the pairs' means tells the error."""
    base, score = game.worth(np.repeat([[False], [True]], game.channels, axis=1))
    means = np.empty((pairs, game.channels))
    for k in range(pairs):
        order = rng.permutation(game.channels)
        means[k] = (_dues(game, order, base) + _dues(game, order[::-1], base)) / 2
        report("Shapley values", k + 1, pairs)
    error = means.std(axis=0, ddof=1) / math.sqrt(pairs) if pairs > 1 else np.full(game.channels, np.inf)
    return Shapley(means.mean(axis=0), error, float(score), float(base), game.runs, exact=False)


def _dues(game: _Game, order: IntArray, base: float) -> FloatArray:
    """Return what each channel raises the score by when its turn comes."""
    companies = np.zeros((len(order), len(order)), np.bool_)
    for turn, channel in enumerate(order):
        companies[turn:, channel] = True
    worth = np.concatenate([[base], game.worth(companies)])
    dues = np.empty(len(order))
    dues[order] = [after - before for before, after in itertools.pairwise(worth)]
    return dues
