"""A fully connected autoencoder: learns to redraw normal windows and scores how badly it redraws a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, ready, redrawing_error
from tocsin.detectors._settings import at_least
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class Autoencoder(Detector):
    """Autoencoder: how badly a plain network that knows normal windows redraws this one.

    The window, as one long row, is squeezed through fully connected layers into a short code and widened again; what
    the code cannot hold of a strange window is missing in the result (Sakurada & Yairi 2014, "Anomaly detection using
    autoencoders with nonlinear dimensionality reduction"). The score is a mean squared error in scaled units. With the
    default sizes and 5 channels it has 7,610 parameters at the default window.

    Parameters
    ----------
    hidden
        Units of each encoder layer, the last of them the code that the window is squeezed into; the decoder has the
        same in reverse.
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
    >>> Autoencoder(loss="huber").hidden
    (64, 8)
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (16, 8), "epochs": 40, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 8)
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
        at_least("hidden", len(self.hidden) and min(self.hidden), 1)
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training an autoencoder")
        from tocsin.detectors._dense_network import DenseAutoencoder, write_autoencoder
        from tocsin.detectors._torch import learn, reconstruction

        def build() -> DenseAutoencoder:
            return DenseAutoencoder(
                window=windows.length, channels=windows.channels, hidden=self.hidden, dropout=self.dropout
            )

        trained, curves = learn(self, build, reconstruction(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        window = clipped(network)
        redrawn = write_autoencoder(network, trained, window)
        return network.seal(*redrawing_error(network, window, redrawn, score=self.score), curves=curves)
