"""Faults put into normal windows, from ones that hardly show to ones that nobody could miss."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray

FAULTS = ("spike", "offset", "drift", "stuck", "swapped")
"""One reading far off, a lasting and a creeping shift, one value held, two channels taken for one another."""

SIZES = (1.0, 2.0, 4.0, 8.0, 16.0, 64.0)
"""Sizes of faults, in deviations of the channel."""

_SMALL = 1e-3
"""Deviation of a channel that stands still, as a share of its value; of one that stands at nought, the deviation."""


class Told(NamedTuple):
    """Windows of one kind of fault, and what was done to them in words."""

    windows: Float32Array
    words: str


def deviation_of(normal: Float32Array) -> FloatArray:
    """Return ndarray of shape (channels,): how much each channel varies over ``normal``; never nought."""
    values = normal.reshape(-1, normal.shape[2]).astype(np.float64)
    level = np.abs(values).max(axis=0)
    return np.asarray(np.maximum(values.std(axis=0), np.where(level > 0, _SMALL * level, _SMALL)))


def faulty(normal: Float32Array, *, each: int, seed: int) -> Iterator[Told]:
    """Yield every fault in every size, in one channel and in several, in ``each`` of the windows.

    Parameters
    ----------
    normal
        ndarray of shape (n, window, channels), float32, n ≥ 1; not changed.
    each
        Windows for every fault, size and number of channels.
    seed
        For the windows, the channels, the beginnings and the signs.
    """
    rng, unit = np.random.default_rng(seed), deviation_of(normal)
    channels = normal.shape[2]
    for fault in FAULTS:
        for size in SIZES:
            for count in sorted({1, max(1, channels // 2), channels}):
                chosen = normal[rng.integers(len(normal), size=each)].astype(np.float64)
                touched = rng.permuted(np.tile(np.arange(channels), (each, 1)), axis=1)[:, :count]
                changed = _changed(chosen, fault, touched, size * unit, rng)
                yield Told(changed.astype(np.float32), f"{fault} of {size:g} deviations in {_counted(count)}")


def _counted(channels: int) -> str:
    return "one channel" if channels == 1 else f"{channels} channels"


def _changed(
    windows: FloatArray, fault: str, touched: IntArray, size: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return windows with a fault that lasts until their end in the channels ``touched``, shape (n, count)."""
    n, length, channels = windows.shape
    first = np.full(n, length - 1) if fault == "spike" else rng.integers(max(length - 1, 1), size=n)
    since = np.arange(length) - first[:, None] + 1
    own = np.zeros((n, channels), np.bool_)
    np.put_along_axis(own, touched, True, axis=1)
    where = (since > 0)[:, :, None] & own[:, None, :]
    push = size * rng.choice([-1.0, 1.0], size=(n, 1, channels))
    begun = windows[np.arange(n), first][:, None, :]
    match fault:
        case "drift":
            changed = windows + push * (since / (length - first[:, None]))[:, :, None]
        case "stuck":
            changed = np.broadcast_to(begun + push, windows.shape)
        case "swapped":
            changed = np.roll(windows, 1, axis=2) + push
        case _:
            changed = windows + push
    return np.where(where, changed, windows)
