"""An LSTM autoencoder: learns to redraw normal windows and scores how badly it redraws a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, ready
from tocsin.detectors._settings import at_least, one_of
from tocsin.graph.dense import dense
from tocsin.graph.lstm import Hidden
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_squared_error

if TYPE_CHECKING:
    from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork

_LARGEST = 1e15
"""Inputs are cut here: the square of anything greater would leave float32."""


@dataclass(frozen=True, kw_only=True)
class LSTMAutoencoder(Detector):
    """LSTM autoencoder: how badly a network that knows normal windows redraws this one.

    The score is a mean squared error in scaled units. The encoder squeezes the window into one vector, the decoder
    unrolls that vector, repeated at every step, and a dense layer yields the channels (after Malhotra et al. 2016,
    "LSTM-based encoder-decoder for multi-sensor anomaly detection"). With the default sizes and 5 channels it has
    63,813 parameters.

    Parameters
    ----------
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
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
        Learn from at most so many windows, evenly spaced over the whole time, so that training on a million readings
        takes no longer than on a hundred thousand; the same holds for validation windows.

    Examples
    --------
    >>> LSTMAutoencoder(epochs=10, score="mean").hidden
    (64, 32)
    """

    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16, 8), "epochs": 20, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 32)
    cell: Literal["lstm", "gru"] = "lstm"
    loss: Literal["squared", "absolute", "huber"] = "squared"
    dropout: float = 0.0
    epochs: int = 50
    batch_size: int = 32
    learning_rate: float = 1e-3
    patience: int = 5
    score: Literal["last", "mean"] = "last"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stride: int = 1
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        at_least("hidden", len(self.hidden) and min(self.hidden), 1)
        one_of("cell", self.cell, ("lstm", "gru"))
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training an LSTM autoencoder")
        from tocsin.detectors._lstm_network import LSTMAutoencoder as TorchNetwork
        from tocsin.detectors._torch import learn, reconstruction

        def build() -> TorchNetwork:
            return TorchNetwork(channels=windows.channels, hidden=self.hidden, cell=self.cell, dropout=self.dropout)

        trained, curves = learn(self, build, reconstruction(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        return network.seal(*_scored(network, trained, self.score), curves=curves)


def _scored(network: Network, trained: TorchNetwork, score: str) -> Shared:
    bounds = network.constant(-_LARGEST), network.constant(_LARGEST)
    window = network.op("Clip", network.input, *bounds)
    decoded = _decoded(network, trained, window)
    if score == "mean":
        steps = _redrawn(network, trained, decoded.steps)
        whole = network.op("Transpose", steps, attributes={"perm": [1, 0, 2]})
        return mean_squared_error(network, window, whole, steps=network.window)
    actual = network.op("Gather", window, network.integers(network.window - 1), attributes={"axis": 1})
    expected = network.op("Squeeze", _redrawn(network, trained, decoded.last), network.integers([0]))
    return mean_squared_error(network, actual, expected, steps=1)


def _decoded(network: Network, trained: TorchNetwork, window: str) -> Hidden:
    from tocsin.detectors._lstm_network import written

    steps = network.op("Transpose", window, attributes={"perm": [1, 0, 2]})
    code = written(network, trained.encoder, Hidden(steps, "")).last
    repeated = network.op("Expand", code, network.integers([network.window, 1, 1]))
    return written(network, trained.decoder, Hidden(repeated, ""))


def _redrawn(network: Network, trained: TorchNetwork, hidden: str) -> str:
    from tocsin.detectors._lstm_network import dense_of

    weight, bias = dense_of(trained.output)
    return dense(network, hidden, weight=weight, bias=bias)
