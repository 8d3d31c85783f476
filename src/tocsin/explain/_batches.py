"""Scoring many variants of one window without holding them all: made, scored and dropped batch by batch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.graph.run import Runner

VALUES = 1 << 20
"""Values that the windows of one batch may hold: 4 MB."""

Variants = Callable[[int, int], Float32Array]
"""From start and stop to those windows, ndarray of shape (stop - start, window, channels)."""


def scores_of(runner: Runner, variants: Variants, *, count: int) -> FloatArray:
    """Return the scores of ``count`` windows, ndarray of shape (count,), float64."""
    batch = max(VALUES // (runner.window * runner.channels), 1)
    found = np.empty(count)
    for start in range(0, count, batch):
        stop = min(start + batch, count)
        found[start:stop] = runner(variants(start, stop)).score
    return found
