"""What the detectors share that predict a window's last reading: settings, training, and the parts of their graphs."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.detectors._learning import Learning, bounded, learnable
from tocsin.detectors._rows import last_reading
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_squared_error

if TYPE_CHECKING:
    from tocsin.detectors._forecast_networks import Predicting


@dataclass(frozen=True, kw_only=True)
class Forecast(Learning, Detector):
    """A network that predicts the last reading; a subclass says which one."""

    default_scale: ClassVar[str] = "zscore"

    max_windows: int = 50_000

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        predictable(windows)
        from tocsin.detectors._forecast_networks import forecast_loss
        from tocsin.detectors._torch import train

        learned_from = windows.every(self.stride)
        trained = train(lambda: self.build(windows.channels), forecast_loss, learned_from, plan=self.plan(seed))
        network = Network(window=windows.length, channels=windows.channels)
        window = bounded(network)
        predicted = trained.network.write(network, before_last(network, window))
        shared = prediction_error(network, window, predicted)
        return network.seal(*shared, expected=predicted, curves=trained.curves)

    @abstractmethod
    def build(self, channels: int) -> Predicting:
        """Return the network for readings of so many channels, untrained."""


def predictable(windows: Windows, *, least: int = 2) -> None:
    """Raise unless PyTorch is there, and windows to learn from are, of at least ``least`` readings."""
    learnable(windows)
    if windows.length < least:
        raise InputError(
            f"Predicting the last reading of a window needs a window of at least {least} readings, "
            f"not {windows.length}.",
            remedy="Give a longer one with --window.",
        )


def before_last(network: Network, window: str) -> str:
    """Add all readings of ``window`` but the last; return the name, shape (n, window − 1, channels)."""
    bounds = (network.integers([place]) for place in (0, network.window - 1, 1))
    return network.op("Slice", window, *bounds)


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
