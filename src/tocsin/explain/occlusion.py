"""Shares for graphs that tell none: give a channel normal readings, and see how much of the score goes away."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.windows import Windows
from tocsin.explain._batches import VALUES
from tocsin.graph.run import Runner

MOST, FEWEST = 8, 2
"""Normal windows that are kept for comparison, at most and at least."""

RUNS = 100
"""Channels times normal windows, at most, so that many channels do not make an anomalous window dear."""

_GOLDEN = (5**0.5 - 1) / 2


def examples(windows: Windows) -> Float32Array:
    """Return some of the normal ``windows`` for comparison, ndarray of shape (k, window, channels), float32.

    They are spread over the whole time in golden steps, which fall in step with no rhythm: evenly spaced ones might all
    be from noon. Those that end in a labelled anomaly are left out.
    """
    return spread_out(windows, most=min(max(RUNS // windows.channels, FEWEST), MOST))


def spread_out(windows: Windows, *, most: int) -> Float32Array:
    """Return at most ``most`` of the normal windows as :func:`examples` does, at least one where there is any.

    >>> windows = Windows(np.zeros((9, 2), np.float32), end=np.arange(1, 9), length=2)
    >>> spread_out(windows, most=3).shape
    (3, 2, 2)
    """
    unmarked = np.arange(len(windows)) if windows.labels is None else np.flatnonzero(~windows.labels)
    count = min(max(most, 1), len(unmarked))
    places = np.sort(np.arange(1, count + 1) * _GOLDEN % 1 * len(unmarked))
    return windows.take(unmarked[places.astype(np.int64)])


def occlusion(runner: Runner, windows: Float32Array, score: Float32Array, *, normal: Float32Array) -> Float32Array:
    """Return each channel's share of the scores of ``windows``.

    Channels change places with those of normal windows. A channel's effect is what the score loses when the channel is
    replaced by that of a normal window, the one that makes it lose most, and what a normal window's score gains when it
    is given the channel, the one that makes it gain least. Where channels belong together, the first alone says little:
    replacing one of them is strange in itself. Several normal windows, because one is seldom of the same time of day.
    Neither is ever less than 0, and effects are scaled to sum to the score. Each window is judged by itself, so company
    does not matter. (With a single normal window the two differences are the last and the first term of the Shapley
    value; with two channels they are all of it. Lundberg & Lee 2017.)

    Parameters
    ----------
    runner
        The graph.
    windows
        ndarray of shape (n, window, channels), float32.
    score
        ndarray of shape (n,), float32: their scores.
    normal
        ndarray of shape (k, window, channels), float32, k ≥ 1: windows with nothing strange in them, such as
        :func:`examples` finds. Each of the n windows takes 2 · k · channels runs of the graph.

    Returns
    -------
    ndarray of shape (n, channels), float32; NaN for windows in which no channel has an effect.
    """
    quiet = runner(normal).score
    effects = np.empty((len(windows), windows.shape[2]), np.float32)
    batch = max(VALUES // normal.size, 1)
    for start in range(0, len(windows), batch):
        some = slice(start, start + batch)
        effects[some] = _effects(runner, windows[some], score[some], normal=normal, quiet=quiet)
    return _as_shares(effects, score)


def _effects(
    runner: Runner, windows: Float32Array, score: Float32Array, *, normal: Float32Array, quiet: Float32Array
) -> Float32Array:
    """Return what the score loses without each channel, and gains by it alone; shape (n, channels)."""
    shape = (len(windows), *normal.shape)
    own, others = np.broadcast_to(windows[:, None], shape), np.broadcast_to(normal, shape)
    found = np.empty((len(windows), windows.shape[2]), np.float32)
    for channel in range(windows.shape[2]):
        without, alone = own.copy(), others.copy()
        without[..., channel], alone[..., channel] = others[..., channel], own[..., channel]
        lost = score - _scores(runner, without).min(axis=1)
        gained = (_scores(runner, alone) - quiet).min(axis=1)
        found[:, channel] = np.maximum(lost, 0) + np.maximum(gained, 0)
    return found


def _scores(runner: Runner, windows: Float32Array) -> Float32Array:
    n, k, *shape = windows.shape
    return runner(windows.reshape(n * k, *shape)).score.reshape(n, k)


def _as_shares(effects: Float32Array, score: Float32Array) -> Float32Array:
    whole = effects[:, 0].copy()
    for channel in range(1, effects.shape[1]):
        whole += effects[:, channel]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole[:, None] > 0, effects * (score / whole)[:, None], np.float32(np.nan))
