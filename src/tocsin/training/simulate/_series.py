"""Series that scenarios are made of: what wanders by chance, and what follows something else sluggishly."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from tocsin.core.arrays import FloatArray


def wander(rows: int, steps: float, rng: np.random.Generator) -> FloatArray:
    """Return a first-order autoregressive series of deviation 1 that forgets within about ``steps`` readings."""
    keep = float(np.exp(-1 / steps))
    news = rng.standard_normal(rows)
    news[1:] *= np.sqrt(1 - keep**2)
    return np.fromiter(accumulate(news.tolist(), lambda now, new: keep * now + new), np.float64, rows)


def follow(drive: FloatArray, steps: float) -> FloatArray:
    """Return ``drive`` as something sluggish follows it, about ``steps`` readings behind."""
    keep = float(np.exp(-1 / steps))
    moves = accumulate(((1 - keep) * drive).tolist(), lambda now, new: keep * now + new)
    return np.fromiter(moves, np.float64, len(drive))
