"""Windows with values that no plant should send and some do: every target has to say the same of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.export._faults import Told, deviation_of

FAR = 1e18
"""As far out as values go: their squares are still numbers in single precision."""

NEAR = 1e-18
"""As small as values go."""

COUNTER = 2e7
"""Where a counter of kWh stands after years, and single precision loses its steps."""

SLIGHT = (1e-3, 0.1, 2.0)
"""Deviations by which a channel that stood still moves: what is divided by its spread divides by next to nothing."""


def extremes(normal: Float32Array) -> Iterator[Told]:
    """Yield windows of wide range, each the size of ``normal`` or smaller.

    Parameters
    ----------
    normal
        ndarray of shape (n, window, channels), float32, n ≥ 1; not changed.
    """
    for factor in (10.0, -10.0, 1e3, -1e3, 1e6):
        yield Told(_single(normal * factor), f"all values ×{factor:g}")
        yield from _one_by_one(normal, normal * factor, f"×{factor:g}")
    for value in (0.0, FAR, -FAR, NEAR):
        whole = np.full_like(normal[:1], value)
        yield Told(whole, f"all values {value:g}")
        yield from _one_by_one(normal[:1], whole, f"at {value:g}")
    yield Told(_single(np.abs(normal) + COUNTER), f"all values up by {COUNTER:g}, as old counters are")
    held = np.broadcast_to(normal[:, :1], normal.shape)
    yield Told(_single(held), "all values held since the first")
    for size in SLIGHT:
        last = np.array(held, np.float64)
        last[:, -1] += size * deviation_of(normal)
        yield Told(_single(last), f"all values held but for the last, which is {size:g} deviations off")
    for name, level in (("least", normal.min(axis=(0, 1))), ("greatest", normal.max(axis=(0, 1)))):
        yield Told(_single(np.broadcast_to(level, normal[:1].shape)), f"all channels at their {name}")


def _one_by_one(normal: Float32Array, changed: Float32Array, words: str) -> Iterator[Told]:
    """Yield windows in which one channel is changed, channel after channel."""
    for channel in range(normal.shape[2]):
        windows = normal.copy()
        windows[:, :, channel] = changed[:, :, channel]
        yield Told(_single(windows), f"channel {channel + 1} {words}")


def _single(windows: np.ndarray) -> Float32Array:
    return np.ascontiguousarray(np.clip(windows, -FAR, FAR), np.float32)
