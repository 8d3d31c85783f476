"""How far normal readings stray from what a graph expects, so that charts can show what is usual and what is not."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.windows import Windows
from tocsin.graph.run import Runner
from tocsin.training.parts import Parts

WITHIN = 0.99
"""Share of normal readings that lie within the band: few enough leave it to be worth a look, and a hundred windows are
enough to find it."""

_ENOUGH = 100
"""Windows that a part should have for its 99 % quantile to mean something."""

_MOST = 16_384
_CHUNK = 4_096


def band_of(graph: bytes, parts: Parts, *, length: int) -> FloatArray:
    """Return how far a normal reading strays from what is expected of it, in the channels' units.

    Per channel, the 99 % quantile of the distance of readings from what was expected, over later windows: those of the
    calibration part, or of the validation part where that has fewer than 100, or else of the training part. From what
    was learned from (by an ensemble, the validation part too) the band may be a little narrow. At most some 16,000
    windows, evenly spaced over the part.

    Parameters
    ----------
    graph
        Takes raw windows.
    parts
        The prepared readings.
    length
        Readings in a window.

    Returns
    -------
    ndarray of shape (channels,), float64; of shape (0,) where the graph expects nothing.
    """
    runner = Runner(graph)
    end = _later(parts)
    if not runner.expects or not len(end):
        return np.zeros(0)
    some = end[np.linspace(0, len(end) - 1, min(len(end), _MOST)).astype(np.int64)]
    windows = Windows(parts.series, some, length)
    pieces = [_apart(runner, windows, start) for start in range(0, len(some), _CHUNK)]
    return np.asarray(np.quantile(np.concatenate(pieces), WITHIN, axis=0), np.float64)


def _later(parts: Parts) -> IntArray:
    held_out = (parts.calibration, parts.validation)
    return next((end for end in held_out if len(end) >= _ENOUGH), parts.training)


def _apart(runner: Runner, windows: Windows, start: int) -> FloatArray:
    """Return how far the last readings of a chunk of windows are from what was expected; shape (k, channels)."""
    taken = windows.take(slice(start, start + _CHUNK))
    expected = runner(taken).expected
    assert expected is not None
    return np.abs(taken[:, -1].astype(np.float64) - expected)
