"""Windows: the stretches of prepared readings that a detector learns from, gathered without copying the series."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, Float32Array, IntArray, frozen


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows of one length, each stamped with its end, in order of time within each device.

    The windows overlap, so the series is kept once and windows are gathered when asked for.

    Parameters
    ----------
    series
        ndarray of shape (rows, channels), float32: prepared readings, one device after the other.
    end
        ndarray of shape (n,), int64: row of ``series`` in which each window ends. No window holds a missing value or
        straddles two devices.
    length
        Readings in a window.
    labels
        ndarray of shape (n,), bool, or None: does the window end in a labelled anomaly?
    validation
        Later windows for early stopping and model choice; never for fitting. None where there are none.

    Examples
    --------
    >>> windows = Windows(np.arange(5, dtype=np.float32)[:, None], end=np.array([2, 4]), length=3)
    >>> windows.take(np.array([0, 1]))[:, :, 0].tolist()
    [[0.0, 1.0, 2.0], [2.0, 3.0, 4.0]]
    """

    series: Float32Array
    end: IntArray
    length: int
    labels: BoolArray | None = None
    validation: Windows | None = None

    def __post_init__(self) -> None:
        if len(self.end) and (self.end.min() < self.length - 1 or self.end.max() >= len(self.series)):
            raise ValueError("a window reaches beyond the series")
        object.__setattr__(self, "series", frozen(self.series))
        object.__setattr__(self, "end", frozen(self.end))

    def __len__(self) -> int:
        return len(self.end)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(self.series.shape[1])

    def take(self, index: IntArray | slice) -> Float32Array:
        """Return ndarray of shape (k, length, channels), float32: a fresh copy of the windows at ``index``."""
        rows = self.end[index][:, None] + np.arange(1 - self.length, 1)
        windows: Float32Array = self.series[rows]
        return windows

    def every(self, stride: int) -> Windows:
        """Return each ``stride``-th window: enough to learn from where windows overlap heavily."""
        labels = None if self.labels is None else self.labels[::stride]
        return replace(self, end=self.end[::stride], labels=labels)

    def rows(self) -> Float32Array:
        """Return ndarray of shape (k, channels): the readings that lie in at least one window, each once."""
        held = np.zeros(len(self.series) + 1, np.int64)
        np.add.at(held, self.end + 1 - self.length, 1)
        np.add.at(held, self.end + 1, -1)
        inside: BoolArray = np.cumsum(held)[:-1] > 0
        readings: Float32Array = self.series[inside]
        return readings
