"""Scaling: brings channels of different units to one size. Fitted here, then folded into the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows

Method = Literal["minmax", "zscore", "robust", "none"]

CLIP = 100.0
"""Scaled values are held within ± this: far beyond what any sensor means, near enough for float32 arithmetic."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """A fitted scale: (value − offset) · factor, held within ± CLIP.

    Parameters
    ----------
    offset, factor
        ndarrays of shape (channels,), float64, in the channels' units and their inverse.
    """

    offset: FloatArray
    factor: FloatArray

    def __call__(self, values: Float32Array) -> Float32Array:
        """Return ``values`` of shape (…, channels) scaled, in float32 as the graph does it."""
        scaled = (values - self.offset.astype(np.float32)) * self.factor.astype(np.float32)
        return np.clip(scaled, np.float32(-CLIP), np.float32(CLIP))


@dataclass(frozen=True)
class Scale:
    """Learns how to scale each channel from the training part alone.

    Parameters
    ----------
    method
        "minmax" to [0, 1] over the training part; "zscore" to mean 0 and deviation 1; "robust" to median 0 and
        inter-quartile range 1.349 (a normal distribution's); "none".

    Notes
    -----
    A channel that hardly varied in training would turn the least change into a huge one. Its spread is therefore taken
    to be at least .1 % of its usual level, and 1 unit where both are 0.

    Examples
    --------
    >>> Scale("minmax").spread(np.array([[0.0, 5.0], [10.0, 5.0]], np.float32)).factor.tolist()
    [0.1, 200.0]
    """

    method: Method = "minmax"

    def __post_init__(self) -> None:
        if self.method not in ("minmax", "zscore", "robust", "none"):
            raise SettingError(
                f"There is no scale {self.method!r}.", remedy="Choose one of: minmax, zscore, robust, none."
            )

    def fit(self, windows: Windows) -> Scaling:
        """Return the scaling of the readings that lie in the training ``windows``."""
        return self.spread(windows.rows())

    def spread(self, rows: Float32Array) -> Scaling:
        """Return the scaling of ``rows`` of shape (n, channels), n > 0."""
        exact = rows.astype(np.float64)
        if self.method == "none":
            return Scaling(np.zeros(exact.shape[1]), np.ones(exact.shape[1]))
        low, mid, high = np.percentile(exact, [25, 50, 75], axis=0)
        offset, spread = {
            "minmax": (exact.min(axis=0), np.ptp(exact, axis=0)),
            "zscore": (exact.mean(axis=0), exact.std(axis=0)),
            "robust": (mid, (high - low) / 1.349),
        }[self.method]
        spread = np.maximum(spread, 1e-3 * np.abs(mid))
        return Scaling(offset, 1.0 / np.where(spread > 0, spread, 1.0))
