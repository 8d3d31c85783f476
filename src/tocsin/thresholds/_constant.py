"""The simplest limits: one number, for every device, for ever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.core.contracts import Bounds, Limits


@dataclass(frozen=True)
class ConstantLimit(Limits[FloatArray]):
    """A limit that never moves; its state is empty.

    Parameters
    ----------
    limit
        In units of the score.
    """

    limit: float

    def init(self, devices: int) -> FloatArray:
        """Return the state: nothing to remember."""
        return np.zeros((devices, 0))

    def step(self, state: FloatArray, x: FloatArray) -> tuple[FloatArray, Bounds]:
        """Return the limit for scores of shape (devices,); NaN where there is no score."""
        return state, self._bounds(np.isnan(x))

    def scan(self, state: FloatArray, block: FloatArray, valid: BoolArray) -> tuple[FloatArray, Bounds]:
        """Return the limit for scores of shape (devices, time)."""
        return state, self._bounds(np.isnan(block) | ~valid)

    def _bounds(self, silent: BoolArray) -> Bounds:
        return Bounds(np.where(silent, np.nan, self.limit), np.zeros(silent.shape, np.uint8))
