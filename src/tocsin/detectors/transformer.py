"""A transformer autoencoder: steps of a window look at each other; scores how badly it redraws a window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, ready, redrawing_error
from tocsin.detectors._settings import at_least
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class Transformer(Detector):
    """Transformer: how badly a network whose steps look at each other redraws this window.

    Layers of attention (Vaswani et al. 2017, "Attention is all you need", normalised in front as in Xiong et al. 2020)
    relate the steps of the window; learned questions pick what goes into one short code, and as many layers draw the
    window again from the code and the places in time. The code is what makes it an autoencoder: without one, a
    transformer copies strange windows as well as normal ones. The score is a mean squared error in scaled units. With
    the default sizes and 5 channels it has 19,985 parameters at the default window.

    Parameters
    ----------
    width
        Numbers that stand for a step; a multiple of ``heads``.
    heads
        Attentions side by side.
    layers
        Layers of the encoder; the decoder has as many.
    code
        Numbers that the window is squeezed into.
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
    >>> Transformer(width=64).heads
    4
    """

    default_window: ClassVar[int] = 16
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {
        "width": 16,
        "layers": 1,
        "code": 6,
        "epochs": 30,
        "batch_size": 32,
        "learning_rate": 5e-3,
    }

    width: int = 32
    heads: int = 4
    layers: int = 1
    code: int = 8
    loss: Literal["squared", "absolute", "huber"] = "squared"
    dropout: float = 0.0
    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 1e-3
    patience: int = 10
    score: Literal["last", "mean"] = "last"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    stride: int = 1
    max_windows: int = 100_000

    def __post_init__(self) -> None:
        for name in ("width", "heads", "layers", "code"):
            at_least(name, getattr(self, name), 1)
        if self.width % self.heads:
            raise SettingError(f"width is {self.width}.", remedy=f"It must be a multiple of heads, {self.heads}.")
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training a transformer")
        from tocsin.detectors._torch import learn, reconstruction
        from tocsin.detectors._transformer_network import TransformerAutoencoder, write_transformer

        def build() -> TransformerAutoencoder:
            return TransformerAutoencoder(
                window=windows.length,
                channels=windows.channels,
                width=self.width,
                heads=self.heads,
                layers=self.layers,
                code=self.code,
                dropout=self.dropout,
            )

        trained, curves = learn(self, build, reconstruction(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        window = clipped(network)
        redrawn = write_transformer(network, trained, window)
        return network.seal(*redrawing_error(network, window, redrawn, score=self.score), curves=curves)
