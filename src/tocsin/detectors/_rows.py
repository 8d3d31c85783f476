"""Windows as long rows, for detectors that take a window for a point in space."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray
from tocsin.core.windows import Windows
from tocsin.detectors._spaced import spaced
from tocsin.graph.network import Network

LARGEST = 1e15
"""Values are cut here: the square of anything greater would leave float32."""


def long_rows(windows: Windows, *, most: int) -> FloatArray:
    """Return ndarray of shape (k, window · channels): at most ``most`` windows, reading after reading.

    >>> windows = Windows(np.array([[1, 10], [2, 20]], np.float32), end=np.array([1]), length=2)
    >>> long_rows(windows, most=5).tolist()
    [[1.0, 10.0, 2.0, 20.0]]
    """
    rows = windows.take(spaced(len(windows), most))
    return rows.reshape(len(rows), -1).astype(np.float64)


def as_row(network: Network, *, centre: npt.ArrayLike, unit: float | None = None) -> str:
    """Add the window as a row, less ``centre`` and in units of ``unit``; shape (n, window · channels).

    Centring keeps what follows small, so that little is lost in float32.
    """
    flat = network.op("Reshape", network.input, network.integers([-1, network.window * network.channels]))
    return within(network, network.op("Sub", flat, network.constant(centre)), unit=unit)


def within(network: Network, values: str, *, unit: npt.ArrayLike | None = None) -> str:
    """Add ``values``, in units of ``unit``, cut where their squares would leave float32."""
    if unit is not None:
        values = network.op("Div", values, network.constant(unit))
    return network.op("Clip", values, network.constant(-LARGEST), network.constant(LARGEST))


def last_reading(network: Network, window: str) -> str:
    """Add the last reading of ``window``; shape (n, channels)."""
    return network.op("Gather", window, network.integers(network.window - 1), attributes={"axis": 1})


def by_channel(network: Network, row: str, *, steps: int) -> str:
    """Add the sums over steps of a row of ``steps`` · channels; shape (n, channels)."""
    return network.op("MatMul", row, network.constant(np.tile(np.eye(network.channels), (steps, 1))))
