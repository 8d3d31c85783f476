"""A variational autoencoder: learns which windows are probable, and scores how improbable a new one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tocsin.detectors._learning import check_units
from tocsin.detectors._reconstruction import Reconstruction, check_redrawing, judged, within
from tocsin.detectors._rows import last_reading
from tocsin.detectors._settings import above, at_least
from tocsin.graph.network import Network
from tocsin.graph.shares import Judgement, mean_of_parts

if TYPE_CHECKING:
    from torch import nn

    from tocsin.detectors._redrawing import Apart
    from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork


@dataclass(frozen=True, kw_only=True)
class VariationalAutoencoder(Reconstruction):
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
    score
        "last": the improbability of the window's last step, which reacts at once. "mean": of all its steps, smoother
        and later.

    Examples
    --------
    >>> VariationalAutoencoder(score="mean").code
    8
    """

    default_window: ClassVar[int] = 10
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

    def __post_init__(self) -> None:
        check_units("hidden", self.hidden)
        at_least("code", self.code, 1)
        within("floor", self.floor, 0, 1)
        above("floor", self.floor, 0)
        check_redrawing(self)

    def build(self, length: int, channels: int) -> TorchNetwork:
        """Return the network, untrained."""
        from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork

        return TorchNetwork(
            window=length,
            channels=channels,
            hidden=self.hidden,
            code=self.code,
            floor=self.floor,
            dropout=self.dropout,
        )

    def apart(self) -> Apart:
        """Return minus the evidence lower bound."""
        from tocsin.detectors._variational_network import evidence

        return evidence(self.loss)

    def judge(self, network: Network, trained: nn.Module, window: str) -> Judgement:
        """Add penalty + ½ surprise, as a mean over channels and the steps that are judged, and the last mean."""
        from tocsin.detectors._variational_network import VariationalAutoencoder as TorchNetwork
        from tocsin.detectors._variational_network import write_penalty

        assert isinstance(trained, TorchNetwork)
        drawn = trained.write(network, window)
        actual, mean, surprise = (judged(network, steps, self.score) for steps in (window, *drawn))
        half = network.op("Mul", surprise, network.constant(0.5))
        sharpness = network.op("Exp", network.op("Sub", network.constant(trained.span / 2), half))
        deviations = network.op("Mul", network.op("Sub", actual, mean), sharpness)
        parts = network.op("Add", write_penalty(network, self.loss, deviations), half)
        shared = mean_of_parts(network, parts, steps=network.window if self.score == "mean" else 1)
        return Judgement(*shared, last_reading(network, drawn.mean))
