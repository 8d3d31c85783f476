"""A variational autoencoder: learns which windows are probable, and scores how improbable a new one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._reconstruction import check_training, clipped, judged, ready, within
from tocsin.detectors._settings import above, at_least
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared, mean_of_parts

if TYPE_CHECKING:
    from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork


@dataclass(frozen=True, kw_only=True)
class VariationalAutoencoder(Detector):
    """Variational autoencoder: how improbable this window is, given how sure the network is of each value.

    The window is squeezed into the mean and variance of a short code, and a code widened again into a mean and a
    variance for each value (Kingma & Welling 2014, "Auto-encoding variational Bayes"). The score is minus the
    logarithm of the reconstruction probability of An & Cho (2015, "Variational autoencoder based anomaly detection
    using reconstruction probability"), per value, less the least that it can be, so that it starts at 0: for normal
    noise ½ (deviations² + log(variance / floor²)). It comes from the code's mean instead of from random draws. With the
    default sizes and 5 channels it has 11,380 parameters at the default window.

    Parameters
    ----------
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    code
        Numbers that the window is squeezed into.
    floor
        Least deviation that the network may claim for a value, in scaled units, above 0 and below 1; the greatest is 1.
    loss
        Which noise about the mean is assumed, in training and scoring: "squared" for a normal one, or with heavier
        tails, and so less led by stray readings: "absolute" (Laplace's), "huber" (normal up to 1.345 deviations).
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
        "last": the improbability of the window's last step, which reacts at once. "mean": of all its steps, smoother
        and later.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    stride
        Learn from every ``stride``-th window only.
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time; the same holds for validation windows.

    Examples
    --------
    >>> VariationalAutoencoder(score="mean").code
    8
    """

    default_window: ClassVar[int] = 10
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {
        "hidden": (32,),
        "code": 6,
        "epochs": 60,
        "batch_size": 32,
        "learning_rate": 5e-3,
    }

    hidden: tuple[int, ...] = (64,)
    code: int = 8
    floor: float = 0.05
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
        at_least("code", self.code, 1)
        within("floor", self.floor, 0, 1)
        above("floor", self.floor, 0)
        check_training(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows`` and write it down as a graph; ``curves`` holds the loss of each epoch."""
        ready(windows, what="Training a variational autoencoder")
        from tocsin.detectors._torch import learn
        from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork
        from tocsin.detectors._variational_network import evidence

        def build() -> TorchNetwork:
            return TorchNetwork(
                window=windows.length,
                channels=windows.channels,
                hidden=self.hidden,
                code=self.code,
                floor=self.floor,
                dropout=self.dropout,
            )

        trained, curves = learn(self, build, evidence(self.loss), windows, seed=seed)
        network = Network(window=windows.length, channels=windows.channels)
        return network.seal(*_improbability(network, trained, self), curves=curves)


def _improbability(network: Network, trained: TorchNetwork, settings: VariationalAutoencoder) -> Shared:
    """Add penalty + ½ surprise, as a mean over channels and the steps that are judged."""
    from tocsin.detectors._variational_network import write_drawn, write_penalty

    window = clipped(network)
    drawn = write_drawn(network, trained, window)
    actual, mean, surprise = (judged(network, steps, settings.score) for steps in (window, *drawn))
    half = network.op("Mul", surprise, network.constant(0.5))
    sharpness = network.op("Exp", network.op("Sub", network.constant(trained.span / 2), half))
    deviations = network.op("Mul", network.op("Sub", actual, mean), sharpness)
    parts = network.op("Add", write_penalty(network, settings.loss, deviations), half)
    return mean_of_parts(network, parts, steps=network.window if settings.score == "mean" else 1)
