"""The ring: the last readings of each device, always ready to be scored as a window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import BoolArray, ByteArray, Float32Array, FloatArray, IntArray
from tocsin.core.state import Stateful
from tocsin.core.verdicts import Status


@dataclass(frozen=True, eq=False)
class Filling:
    """What the ring takes: prepared values (…, channels), and whether a pause lies before them; see ``prepare``."""

    values: FloatArray
    fresh: BoolArray
    jump: BoolArray


@dataclass(frozen=True, eq=False)
class Recent:
    """The last readings of each device; devices on axis 0.

    Parameters
    ----------
    window
        float32, (devices, window, channels).
    filled, clean
        int64: readings since memory began, and since the last missing value or long pause; counted up to the window.
    """

    window: Float32Array
    filled: IntArray
    clean: IntArray


@dataclass(frozen=True, eq=False)
class Framed:
    """The window that each reading ends, (…, window, channels), and whether it can be scored (:class:`Status`)."""

    windows: Float32Array
    status: ByteArray


@dataclass(frozen=True)
class Ring(Stateful[Recent, Filling, Framed]):
    """Turns readings into windows.

    Moving the whole window along costs no more than a mirrored ring: the moved window *is* what the graph takes.

    Parameters
    ----------
    length
        Readings in a window.
    channels
        Number of channels.
    """

    length: int
    channels: int

    def init(self, devices: int) -> Recent:
        """Return empty windows."""
        empty = np.zeros((devices, self.length, self.channels), np.float32)
        return Recent(empty, np.zeros(devices, np.int64), np.zeros(devices, np.int64))

    def step(self, state: Recent, x: Filling) -> tuple[Recent, Framed]:
        """Take one reading of every device."""
        window = np.empty_like(state.window)
        window[:, :-1] = state.window[:, 1:]
        with np.errstate(over="ignore"):
            window[:, -1] = x.values
        filled = np.minimum(np.where(x.fresh, 0, state.filled) + 1, self.length)
        clean = np.minimum(np.where(x.fresh | x.jump, 0, state.clean) + 1, self.length)
        clean = np.where(np.isfinite(window[:, -1]).all(axis=1), clean, 0)
        return Recent(window, filled, clean), Framed(window, self._status(filled, clean))

    def scan(self, state: Recent, block: Filling, valid: BoolArray) -> tuple[Recent, Framed]:
        """Take a block of readings of every device at once; the windows are a view."""
        with np.errstate(over="ignore"):
            series = np.concatenate([state.window, block.values.astype(np.float32)], axis=1)
        place = np.arange(valid.shape[1])
        far = -self.length - 1
        fresh = np.maximum.accumulate(np.where(block.fresh, place, far), axis=1)
        filled = np.where(fresh >= 0, place - fresh + 1, state.filled[:, None] + place + 1)
        missing = ~np.isfinite(series[:, self.length :]).all(axis=2)
        pause = np.where(block.fresh | block.jump, place - 1, far)
        broken = np.maximum.accumulate(np.where(missing, place, pause), axis=1)
        clean = np.where(broken > far, place - broken, state.clean[:, None] + place + 1)
        filled, clean = np.minimum(filled, self.length), np.minimum(clean, self.length)
        windows = np.lib.stride_tricks.sliding_window_view(series[:, 1:], self.length, axis=1).transpose(0, 1, 3, 2)
        after = self._last(state, series, filled, clean, valid.sum(axis=1))
        return after, Framed(windows, self._status(filled, clean))

    def _last(self, state: Recent, series: Float32Array, filled: IntArray, clean: IntArray, count: IntArray) -> Recent:
        """Return the state after each device's own number of readings."""
        device = np.arange(len(count))
        some, last = count > 0, np.maximum(count - 1, 0)
        window = series[device[:, None], count[:, None] + np.arange(self.length)]
        return Recent(
            window,
            np.where(some, filled[device, last], state.filled),
            np.where(some, clean[device, last], state.clean),
        )

    def _status(self, filled: IntArray, clean: IntArray) -> ByteArray:
        lacking = np.where(filled < self.length, np.uint8(Status.warming), np.uint8(Status.gap))
        return np.where(clean >= self.length, np.uint8(Status.ok), lacking)
