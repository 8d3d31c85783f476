"""A CNN predictor: expects the next reading from patterns, near and far back, and scores how wrong it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._forecast import before_last, bounded, predictable, prediction_error
from tocsin.detectors._learning import check_learning, check_units, plan_of
from tocsin.detectors._settings import at_least, installed
from tocsin.graph.causal import causal
from tocsin.graph.dense import dense
from tocsin.graph.network import Network

if TYPE_CHECKING:
    from tocsin.detectors._forecast_networks import CNNForecast


@dataclass(frozen=True, kw_only=True)
class CNNPredictor(Detector):
    """CNN predictor: how far the last reading is from what patterns in the readings before it let expect.

    Convolutions over time, each looking twice as far back as the one before, read the window but for its last reading;
    two dense layers predict that one. The score is the mean over the channels of the squared error in scaled units.
    The idea is that of Munir et al. (2019, "DeepAnT") and of CNN in TSB-AD (Liu & Paparrizos 2024), whose pooling gives
    way to the dilated, causal convolutions of van den Oord et al. (2016, "WaveNet"). Four layers of kernel 3 reach 31
    readings back. With the default sizes and 5 channels it has 11,045 parameters.

    Parameters
    ----------
    filters
        Filters of each convolution; there are as many convolutions as numbers here.
    kernel
        Readings that a filter looks at.
    epochs
        Passes over the training windows, at most.
    batch_size
        Windows per step of the optimiser.
    learning_rate
        Step size of Adam.
    patience
        Stop after so many epochs without a lesser loss on the later windows of ``windows.validation``, and take the
        best epoch's weights. 0, or no validation windows: all epochs, and the last epoch's weights.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time; the same holds for validation windows.

    Examples
    --------
    >>> CNNPredictor(filters=(16, 16)).kernel
    3
    """

    default_window: ClassVar[int] = 32
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"filters": (16, 16), "epochs": 12, "batch_size": 32, "learning_rate": 5e-3}

    filters: tuple[int, ...] = (32, 32, 32, 32)
    kernel: int = 3
    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 5
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_windows: int = 50_000

    def __post_init__(self) -> None:
        check_units("filters", self.filters)
        at_least("kernel", self.kernel, 2)
        check_learning(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        installed("Training a CNN predictor", library="PyTorch", module="torch")
        predictable(windows)
        from tocsin.detectors._forecast_networks import CNNForecast, forecast_loss
        from tocsin.detectors._torch import train

        trained = train(
            lambda: CNNForecast(channels=windows.channels, filters=self.filters, kernel=self.kernel),
            forecast_loss,
            windows,
            plan=plan_of(self, seed),
        )
        assert isinstance(trained.network, CNNForecast)
        network = Network(window=windows.length, channels=windows.channels)
        window = bounded(network)
        predicted = _predicted(network, trained.network, before_last(network, window))
        return network.seal(*prediction_error(network, window, predicted), curves=trained.curves)


def _predicted(network: Network, trained: CNNForecast, before: str) -> str:
    from tocsin.detectors._forecast_networks import conv_of
    from tocsin.detectors._lstm_network import dense_of

    steps = network.op("Transpose", before, attributes={"perm": [0, 2, 1]})
    for j, layer in enumerate(trained.layers):
        weight, bias = conv_of(layer)
        steps = causal(network, steps, weight=weight, bias=bias, dilation=2**j)
        steps = network.op("Relu", steps)
    last = network.op("Gather", steps, network.integers(network.window - 2), attributes={"axis": 2})
    weight, bias = dense_of(trained.dense)
    hidden = network.op("Relu", dense(network, last, weight=weight, bias=bias))
    weight, bias = dense_of(trained.output)
    return dense(network, hidden, weight=weight, bias=bias)
