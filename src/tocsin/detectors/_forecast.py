"""What detectors that predict a window's last reading share: the parts of their graphs, and what they ask for."""

from __future__ import annotations

from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.detectors._settings import enough
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_squared_error

_LARGEST = 1e6
"""Inputs are cut here, far beyond any scaled value, so that nothing the network makes of them leaves float32."""


def predictable(windows: Windows, *, least: int = 2) -> None:
    """Raise InputError unless there are windows to learn from, and of at least ``least`` readings."""
    enough(windows)
    if windows.length < least:
        raise InputError(
            f"Predicting the last reading of a window needs a window of at least {least} readings, "
            f"not {windows.length}.",
            remedy="Give a longer one with --window.",
        )


def bounded(network: Network) -> str:
    """Add the window with its values cut to what float32 can square; return its name."""
    return network.op("Clip", network.input, network.constant(-_LARGEST), network.constant(_LARGEST))


def before_last(network: Network, window: str) -> str:
    """Add all readings of ``window`` but the last; return the name, shape (n, window − 1, channels)."""
    bounds = (network.integers([place]) for place in (0, network.window - 1, 1))
    return network.op("Slice", window, *bounds)


def last_reading(network: Network, window: str) -> str:
    """Add the last reading of ``window``; return the name, shape (n, channels)."""
    return network.op("Gather", window, network.integers(network.window - 1), attributes={"axis": 1})


def prediction_error(network: Network, window: str, predicted: str) -> Shared:
    """Add the mean over channels of the squared error of the last reading, and each channel's part.

    Parameters
    ----------
    network
        The graph under construction.
    window
        Name of the window, shape (n, window, channels).
    predicted
        Name of the prediction, shape (n, channels).
    """
    return mean_squared_error(network, last_reading(network, window), predicted, steps=1)
