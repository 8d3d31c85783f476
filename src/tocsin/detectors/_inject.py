"""Faults put into normal windows, so that it can be seen how well a member tells them from the windows as they were."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray

FAULTS = ("spike", "offset", "drift", "stuck", "noise", "scale")
"""What can go wrong: one reading far off, a lasting or a creeping shift, one value held, noise, more or less swing."""

_SIZES = (1.0, 4.0)
"""Least and greatest size of a fault, in the channel's deviations over these windows."""

_LONGEST = 20
"""Readings that a fault has lasted at most when its window ends."""

_STILL = 1e-6
"""A channel with no greater deviation stands still, and has no measure for the size of a fault."""


class _Where(NamedTuple):
    """Where a fault is, in each of n windows: arrays of shape (n, 1, 1) or (n, 1, channels)."""

    first: IntArray
    channel: BoolArray
    size: FloatArray


def faulty(windows: Float32Array, kind: str, *, seed: int) -> Float32Array:
    """Return ndarray of shape (n, window, channels): each window with a fault in one channel that lasts to its end.

    It is one of the channels that move in these windows.

    Parameters
    ----------
    windows
        ndarray of shape (n, window, channels), float32: normal ones; not changed.
    kind
        One of :data:`FAULTS`.
    seed
        For the channel, the beginning and the size of each fault.

    Examples
    --------
    >>> windows = np.random.default_rng(0).normal(size=(3, 30, 2)).astype(np.float32)
    >>> (faulty(windows, "spike", seed=0) != windows).sum().item()
    3
    """
    rng = np.random.default_rng(seed)
    n, length, channels = windows.shape
    beginnings = rng.integers(max(length - _LONGEST, 0), max(length - 1, 1), size=(n, 1, 1))
    size = rng.uniform(*_SIZES, size=(n, 1, 1)) * rng.choice([-1.0, 1.0], size=(n, 1, 1))
    deviation = windows.std(axis=(0, 1))
    place = _Where(
        first=np.full((n, 1, 1), length - 1) if kind == "spike" else beginnings,
        channel=np.arange(channels) == rng.choice(_moving(deviation), size=(n, 1, 1)),
        size=size * np.maximum(deviation, _STILL),
    )
    step = np.arange(length)[None, :, None]
    changed = _changed(windows.astype(np.float64), kind, place, rng)
    return np.where((step >= place.first) & place.channel, changed, windows).astype(np.float32)


def _moving(deviation: Float32Array) -> IntArray:
    """Return the channels that move; all where none does, since a fault in one that stands still would be too small."""
    moving = np.flatnonzero(deviation > _STILL)
    return moving if len(moving) else np.arange(len(deviation))


def _changed(windows: FloatArray, kind: str, place: _Where, rng: np.random.Generator) -> FloatArray:
    """Return what the windows would be if the fault were everywhere."""
    since = np.arange(windows.shape[1])[None, :, None] - place.first + 1
    middle = windows.mean(axis=1, keepdims=True)
    match kind:
        case "spike" | "offset":
            return np.asarray(windows + place.size)
        case "drift":
            return np.asarray(windows + place.size * since / (windows.shape[1] - place.first))
        case "stuck":
            return np.asarray(np.broadcast_to(np.take_along_axis(windows, place.first, axis=1), windows.shape))
        case "noise":
            return np.asarray(windows + place.size * rng.normal(size=windows.shape))
        case "scale":
            return np.asarray(middle + (windows - middle) * np.where(place.size > 0, 3.0, 0.3))
    raise ValueError(f"there is no fault {kind!r}")


def told_apart(normal: FloatArray, strange: FloatArray) -> float:
    """Return the chance that a score of ``strange`` is above one of ``normal``, ties counting half: the area under ROC.

    >>> told_apart(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    0.875
    """
    ordered = np.sort(normal)
    below = np.searchsorted(ordered, strange, side="left") + np.searchsorted(ordered, strange, side="right")
    return float(below.mean() / (2 * len(normal)))
