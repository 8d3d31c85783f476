"""Scores: how strange each window is, and which channels made it so."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import Float32Array


@dataclass(frozen=True, eq=False)
class Scores:
    """What a graph says of a batch of windows. Higher is stranger, always.

    Parameters
    ----------
    score
        ndarray of shape (n,), float32.
    by_channel
        ndarray of shape (n, channels), float32, or None: each channel's share; the shares of a window sum to its score.
    expected
        ndarray of shape (n, channels), float32, or None: what the detector expected of each window's last reading.
    """

    score: Float32Array
    by_channel: Float32Array | None = None
    expected: Float32Array | None = None
