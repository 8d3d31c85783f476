"""A convolutional autoencoder: learns to redraw normal windows from their shapes, and scores how badly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, odd, ready, redrawing_error
from tocsin.detectors._settings import at_least
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class CNNAutoencoder(Detector):
    """Convolutional autoencoder: how badly a network that knows the shapes of normal windows redraws this one.

    Convolutions along time, each of which halves the window's length, squeeze it into a few numbers a step;
    repeating steps and convolutions widen it again. One set of weights serves all times, so that long windows cost
    no more of them (as in Kieu et al. 2018, "Outlier detection for multidimensional time series using deep neural
    networks"). The score is a mean squared error in scaled units. With the default sizes and 5 channels it has 12,552
    parameters, whatever the window.

    Parameters
    ----------
    filters
        Filters of each encoder layer, each of which halves the window's length; the decoder has the same in reverse.
    kernel
        Steps that a filter looks at, an odd number.
    code
        Numbers that are left of each step once the window is shortest.
    loss
        What training minimises: "squared", or less led by stray readings in what it learns from: "absolute", or
        "huber", which is squared up to a tenth of a scaled unit and then grows in proportion. The score stays squared.
    dropout
        Share of each layer's outputs that is set to 0, at random, while training; 0 for none.
    epochs
        Passes over the training windows, at most.
    batch_size
        Windows per step of the optimiser.
    learning_rate
        Step size of Adam.
    patience
        Stop after so many epochs without a lesser loss on the later windows of ``windows.validation``, and take the
        best epoch's weights. 0, or no validation windows: all epochs, and the last epoch's weights.
    score
        "last": the error of the window's last step, which reacts at once. "mean": of all its steps, smoother and later.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    stride
        Learn from every ``stride``-th window only.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time; the same holds for validation windows.

    Examples
    --------
    >>> CNNAutoencoder(kernel=7).filters
    (32, 32)
    """

    default_window: ClassVar[int] = 32
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"filters": (12, 8), "epochs": 40, "batch_size": 32, "learning_rate": 5e-3}

    filters: tuple[int, ...] = (32, 32)
    kernel: int = 5
    code: int = 3
    loss: Literal["squared", "absolute", "huber"] = "squared"
    dropout: float = 0.0
    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 10
    score: Literal["last", "mean"] = "last"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stride: int = 1
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        at_least("filters", len(self.filters) and min(self.filters), 1)
        at_least("code", self.code, 1)
        odd("kernel", self.kernel)
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training a convolutional autoencoder")
        from tocsin.detectors._cnn_network import CNNAutoencoder as TorchNetwork
        from tocsin.detectors._cnn_network import write_cnn
        from tocsin.detectors._torch import learn, reconstruction

        def build() -> TorchNetwork:
            return TorchNetwork(
                window=windows.length,
                channels=windows.channels,
                filters=self.filters,
                kernel=self.kernel,
                code=self.code,
                dropout=self.dropout,
            )

        trained, curves = learn(self, build, reconstruction(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        window = clipped(network)
        redrawn = write_cnn(network, trained, window)
        return network.seal(*redrawing_error(network, window, redrawn, score=self.score), curves=curves)
