"""A denoising autoencoder: learns to restore normal windows from spoiled copies, and scores what it would restore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, ready, redrawing_error, within
from tocsin.detectors._settings import at_least
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class DenoisingAutoencoder(Detector):
    """Denoising autoencoder: how far this window is from what a network would restore it to.

    While it learns, the fully connected network is shown spoiled windows, noise on every value and some channels taken
    from another time, and is to redraw them as they were (Vincent et al. 2008, "Extracting and composing robust
    features with denoising autoencoders"). So it learns which values go together, rather than to copy. The score is the
    mean squared difference, in scaled units, between the window and what is restored; nothing is spoiled in scoring.
    With the default sizes and 5 channels it has 8,642 parameters at the default window.

    Parameters
    ----------
    hidden
        Units of each encoder layer, the last of them the code that the window is squeezed into; the decoder has the
        same in reverse.
    noise
        Deviation of the noise put on each value while training, in scaled units.
    swapped
        Share of the channels in a window that are replaced, while training, by the same channel of another window.
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
    >>> DenoisingAutoencoder(noise=0.2).swapped
    0.1
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"hidden": (32, 12), "epochs": 60, "batch_size": 32, "learning_rate": 5e-3}

    hidden: tuple[int, ...] = (64, 16)
    noise: float = 0.1
    swapped: float = 0.1
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
        at_least("noise", self.noise, 0)
        within("swapped", self.swapped, 0, 1)
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training a denoising autoencoder")
        from tocsin.detectors._dense_network import DenseAutoencoder, denoising, write_autoencoder
        from tocsin.detectors._torch import distance, learn

        def build() -> DenseAutoencoder:
            return DenseAutoencoder(
                window=windows.length, channels=windows.channels, hidden=self.hidden, dropout=self.dropout
            )

        trained, curves = learn(
            self, build, denoising(distance(self.loss), noise=self.noise, swapped=self.swapped), windows, seed=seed
        )
        network = Network(window=windows.length, channels=windows.channels)
        window = clipped(network)
        redrawn = write_autoencoder(network, trained, window)
        return network.seal(*redrawing_error(network, window, redrawn, score=self.score), curves=curves)
