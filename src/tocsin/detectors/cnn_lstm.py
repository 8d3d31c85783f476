"""A convolutional LSTM autoencoder: shapes first, then their order; scores how badly it redraws a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, odd, ready, redrawing_error
from tocsin.detectors._settings import at_least, one_of
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class CNNLSTM(Detector):
    """CNN-LSTM: how badly a network that knows normal shapes and their order redraws this window.

    A convolution along time finds shapes in the window, LSTM layers squeeze their sequence into one vector and unroll
    it again, and a dense layer yields the channels (the encoder of Kim & Cho 2018, "Web traffic anomaly detection using
    C-LSTM neural networks", and the decoder of Malhotra et al. 2016, so that it learns without labels). The score is a
    mean squared error in scaled units. With the default sizes and 5 channels it has 34,933 parameters.

    Parameters
    ----------
    filters
        Shapes that the convolution looks for.
    kernel
        Steps that a filter looks at, an odd number.
    hidden
        Units of each recurrent encoder layer; the decoder has the same in reverse.
    cell
        "lstm", or "gru" (Cho et al. 2014), which has three quarters of the weights.
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
    >>> CNNLSTM(cell="gru").filters
    32
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {
        "filters": 12,
        "hidden": (16,),
        "epochs": 25,
        "batch_size": 32,
        "learning_rate": 1e-2,
    }

    filters: int = 32
    kernel: int = 3
    hidden: tuple[int, ...] = (48,)
    cell: Literal["lstm", "gru"] = "lstm"
    loss: Literal["squared", "absolute", "huber"] = "squared"
    dropout: float = 0.0
    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 2e-3
    patience: int = 5
    score: Literal["last", "mean"] = "last"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stride: int = 1
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        at_least("hidden", len(self.hidden) and min(self.hidden), 1)
        at_least("filters", self.filters, 1)
        odd("kernel", self.kernel)
        one_of("cell", self.cell, ("lstm", "gru"))
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training a CNN-LSTM")
        from tocsin.detectors._cnn_lstm_network import ConvolutionalLSTM, write_cnn_lstm
        from tocsin.detectors._torch import learn, reconstruction

        def build() -> ConvolutionalLSTM:
            return ConvolutionalLSTM(
                channels=windows.channels,
                filters=self.filters,
                kernel=self.kernel,
                hidden=self.hidden,
                cell=self.cell,
                dropout=self.dropout,
            )

        trained, curves = learn(self, build, reconstruction(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        window = clipped(network)
        redrawn = write_cnn_lstm(network, trained, window)
        return network.seal(*redrawing_error(network, window, redrawn, score=self.score), curves=curves)
