"""What an adaptive limit remembers of each device: the level in force, and one that might take its place."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Level:
    """The state of :class:`tocsin.thresholds._adaptive_limits.AdaptiveLimits`; devices on axis 0.

    It takes 105 bytes a device, and 256 more where the memory is a moving one.
    """

    centre: FloatArray
    """Where the scores lie."""
    spread: FloatArray
    """How far they usually lie from the piece before. A memory lags behind what moves, and that is not spread."""
    near: FloatArray
    """Mean of the piece before."""
    count: IntArray
    """Scores learned from in the piece that is being gathered."""
    total: FloatArray
    """Sum of their offsets from the piece before."""
    offset: FloatArray
    """Sum of their distances from it."""
    balance: IntArray
    """Scores above the limit less those below it, while the former outweigh; 0 where nothing is the matter."""
    seen: IntArray
    """Scores in the block of the run that is being gathered."""
    heap: FloatArray
    """Their sum."""
    stray: FloatArray
    """Sum of their distances from the block before."""
    jitter: FloatArray
    """Sum of the steps from one to the next."""
    last: FloatArray
    """The last of them."""
    before: FloatArray
    """Mean of the block before; NaN in the first of a run."""
    noticed: BoolArray
    """Has the run been told to be a new level?"""
    centres: FloatArray
    """Means of the last pieces, oldest first; of shape (devices, 0) where the memory is exponential."""
    spreads: FloatArray
    """Mean distances of the last pieces, likewise."""
