"""Shares for graphs that tell none: cover one channel at a time, and see how much of the score goes away."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.graph.run import Runner


def occlusion(runner: Runner, windows: Float32Array, score: Float32Array, *, usual: FloatArray) -> Float32Array:
    """Return each channel's share of the scores of ``windows``.

    A channel's effect is what the score loses when the channel shows its usual value throughout the window, never less
    than 0; the effects are scaled to sum to the score. Each window is judged alone, so company does not matter.

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
    ndarray of shape (n, channels), float32; NaN for windows in which no channel alone has an effect.
    """
    effects = np.empty((len(windows), windows.shape[2]), np.float32)
    for channel in range(windows.shape[2]):
        covered = windows.copy()
        covered[:, :, channel] = usual[channel]
        effects[:, channel] = np.maximum(score - runner(covered).score, 0)
    whole = effects[:, 0].copy()
    for channel in range(1, effects.shape[1]):
        whole += effects[:, channel]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole[:, None] > 0, effects * (score / whole)[:, None], np.float32(np.nan))
