"""Scaling: brings channels of different units to one size. Fitted here, then folded into the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import SettingError
from tocsin.core.kinds import SWITCHES, Kind
from tocsin.core.windows import Windows

Method = Literal["minmax", "zscore", "robust", "none"]

CLIP = 100.0
"""Scaled values are held within ± this: far beyond what any sensor means, near enough for float32 arithmetic."""

STILL = {"minmax": 4.0, "zscore": 10.0, "robust": 10.0}
"""The same for a channel that stood still in training: it rings when it moves, and others are heard beside it."""


@dataclass(frozen=True, eq=False)
class Scaling:
    """A fitted scale: (value − offset) · factor, held within ± clip.

    Parameters
    ----------
    offset, factor
        ndarrays of shape (channels,), float64, in the channels' units and their inverse.
    clip
        The greatest magnitude of a scaled value: of all, or ndarray of shape (channels,), float64.
    """

    offset: FloatArray
    factor: FloatArray
    clip: float | FloatArray = CLIP

    def __call__(self, values: Float32Array) -> Float32Array:
        """Return ``values`` of shape (…, channels) scaled, in float32 as the graph does it."""
        scaled = (values - self.offset.astype(np.float32)) * self.factor.astype(np.float32)
        most = np.float32(self.clip) if isinstance(self.clip, float) else self.clip.astype(np.float32)
        clipped: Float32Array = np.clip(scaled, -most, most)
        return clipped


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
    to be at least .1 % of its usual level, and 1 unit where both are 0. Where kinds are known, one that did not vary at
    all is held closer (STILL), and a switch is scaled to 0 and 1 by any method: a state seen once in training would lie
    30 deviations from the mean, and says no more than its name.

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

    def fit(self, windows: Windows, kinds: Sequence[Kind] = ()) -> Scaling:
        """Return the scaling of the readings that lie in the training ``windows``."""
        return self.spread(windows.rows(), kinds)

    def spread(self, rows: Float32Array, kinds: Sequence[Kind] = ()) -> Scaling:
        """Return the scaling of ``rows`` of shape (n, channels), n > 0; no kinds treat all channels alike."""
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
        plain = Scaling(offset, 1.0 / np.where(spread > 0, spread, 1.0))
        return _special(plain, exact, kinds, still_within=STILL[self.method]) if kinds else plain


def _special(plain: Scaling, rows: FloatArray, kinds: Sequence[Kind], *, still_within: float) -> Scaling:
    """Return the scaling with switches between 0 and 1, and still channels held closer."""
    low, span = rows.min(axis=0), np.ptp(rows, axis=0)
    switch, still = np.isin(kinds, list(SWITCHES)), span == 0
    unmoved = still & np.isin(low, (0.0, 1.0))
    offset = np.where(switch | unmoved, low, plain.offset)
    factor = np.where(switch & ~still, 1.0 / np.where(still, 1.0, span), np.where(unmoved, 1.0, plain.factor))
    return Scaling(offset, factor, np.where(still, still_within, CLIP) if still.any() else CLIP)
