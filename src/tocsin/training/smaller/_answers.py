"""A teacher's answers as a student is to give them. Without PyTorch, so that settings can be read where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array

CUT = 10.0
"""What the network sees and expects is cut here, in scaled units; what lies beyond is the business of the distance
outside the normal range."""


@dataclass(frozen=True, eq=False)
class Answers:
    """What a teacher says of windows, as the student is to say it.

    Parameters
    ----------
    score
        ndarray of shape (n,), float32, in units of the limit, above the base.
    by_channel
        ndarray of shape (n, channels), float32, in the same units; of shape (n, 0) where the teacher tells none.
    expected
        ndarray of shape (n, columns), float32, scaled; of shape (n, 0) where the teacher tells none.
    """

    score: Float32Array
    by_channel: Float32Array
    expected: Float32Array

    def table(self) -> Float32Array:
        """Return all of it side by side, shape (n, columns)."""
        return np.concatenate([self.score[:, None], self.by_channel, self.expected], axis=1)
