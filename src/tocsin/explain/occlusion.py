"""Shares for graphs that tell none: cover channels, and see how much of the score goes away."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.graph.run import Runner


def occlusion(runner: Runner, windows: Float32Array, score: Float32Array, *, usual: FloatArray) -> Float32Array:
    """Return each channel's share of the scores of ``windows``.

    To cover a channel is to let it show its usual value throughout the window. A channel's effect is the mean of two
    differences: what the score loses when the channel is covered, and what it gains when all others are covered and
    the channel is not. Where channels belong together, the first alone says little: covering one of them is strange in
    itself. Effects are never less than 0 and are scaled to sum to the score. Each window is judged by itself, so
    company does not matter. (The two differences are the first and the last term of the Shapley value; with two
    channels they are all of it. Lundberg & Lee 2017.)

    Parameters
    ----------
    runner
        The graph.
    windows
        ndarray of shape (n, window, channels), float32.
    score
        ndarray of shape (n,), float32: their scores.
    usual
        ndarray of shape (channels,): the value that stands for "nothing strange here", such as the training median.

    Returns
    -------
    ndarray of shape (n, channels), float32; NaN for windows in which no channel has an effect.
    """
    calm = np.broadcast_to(usual.astype(np.float32), windows.shape)
    quiet = runner(calm[:1]).score
    effects = np.empty((len(windows), windows.shape[2]), np.float32)
    for channel in range(windows.shape[2]):
        without, alone = windows.copy(), calm.copy()
        without[:, :, channel] = calm[:, :, channel]
        alone[:, :, channel] = windows[:, :, channel]
        effects[:, channel] = (score - runner(without).score) + (runner(alone).score - quiet)
    return _as_shares(np.maximum(effects, 0), score)


def _as_shares(effects: Float32Array, score: Float32Array) -> Float32Array:
    whole = effects[:, 0].copy()
    for channel in range(1, effects.shape[1]):
        whole += effects[:, channel]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole[:, None] > 0, effects * (score / whole)[:, None], np.float32(np.nan))
