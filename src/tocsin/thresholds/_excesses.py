"""What is remembered of each device's greatest scores, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import Float32Array, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Excesses:
    """The newest scores above the level; devices on axis 0. It takes 4·keep + 64 bytes a device."""

    newest: Float32Array
    """By how much they exceeded the level, shape (devices, keep), in a ring; negative where a score was flagged, and is
    known to have exceeded the level by more than that."""
    learned: IntArray
    """How many were ever put into the ring."""
    due: IntArray
    """How many of scores that were not flagged, since the tail was last fitted."""
    flagged: IntArray
    """How many in the ring are of flagged scores."""
    scores: IntArray
    """Scores counted."""
    exceeding: IntArray
    """How many of those exceeded the level."""
    margin: FloatArray
    """The limit, above the mean."""
    mean: FloatArray
    """Moving mean of the scores, which the level and the margin count from; 0 where none is followed."""
    young: IntArray
    """Scores that still enter the mean whatever they are, because too few have."""
