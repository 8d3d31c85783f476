"""Bins: what the clock makes of readings, and what every later step takes."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Bins:
    """Instants of devices, in order of time within each device.

    As a step's input the arrays have devices on axis 0 (and time on axis 1 in ``scan``) instead of n.

    Parameters
    ----------
    end
        ndarray of shape (n,), int64: the bin's end in ns.
    values
        ndarray of shape (n, channels), float64; NaN means "no news of this channel in this bin".
    fresh
        ndarray of shape (n,), bool: the pause before this bin was so long that all memory of the device is dropped.
    jump
        ndarray of shape (n,), bool: the pause before this bin was longer than the hold.
    """

    end: IntArray
    values: FloatArray
    fresh: BoolArray
    jump: BoolArray
