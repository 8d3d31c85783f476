"""What one channel is like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.kinds import Kind


@dataclass(frozen=True)
class ChannelProfile:
    """What one channel is like.

    Parameters
    ----------
    name
        As the source spells it.
    kind
        See :data:`tocsin.core.kinds.Kind`.
    group
        Number of the group of one-hot channels that it belongs to; None for all others.
    missing
        Share of readings without news of it.
    smoothness
        Correlation of a value with the one before: 1 for slow curves, 0 for noise; 0 where nothing moves.
    drift
        How far the level of the last third lies from that of the first, in robust deviations (inter-quartile range /
        1.349) within the thirds; 0 where nothing moves, at most 1,000 either way.
    """

    name: str
    kind: Kind
    group: int | None
    missing: float
    smoothness: float
    drift: float


_FARTHEST = 1_000.0


def smoothness_of(values: FloatArray) -> float:
    """Return the correlation of ndarray of shape (n,), without missing values, with itself one reading later.

    >>> round(smoothness_of(np.sin(np.arange(1000) / 50)), 2)
    1.0
    """
    centred = values - values.mean() if len(values) > 1 else values
    power = float(centred @ centred)
    return float(np.clip(centred[1:] @ centred[:-1] / power, -1, 1)) if len(values) > 1 and power > 0 else 0.0


def drift_of(values: FloatArray) -> float:
    """Return the shift from the first third to the last of ndarray of shape (n,), in robust deviations.

    >>> drift_of(np.tile([0.0, 1.349], 30)), round(drift_of(np.tile([0.0, 1.349], 30) + np.arange(60) // 20 * 2), 1)
    (0.0, 4.0)
    """
    third = len(values) // 3
    if third < 2:
        return 0.0
    first, last = values[:third], values[-third:]
    shift = float(np.median(last) - np.median(first))
    spread = max(_robust(first), _robust(last), 1e-9 * float(np.abs(values).max()))
    return float(np.clip(shift / spread, -_FARTHEST, _FARTHEST)) if shift else 0.0


def _robust(values: FloatArray) -> float:
    low, high = np.percentile(values, [25, 75])
    return float(high - low) / 1.349
