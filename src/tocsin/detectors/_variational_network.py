"""The variational autoencoder as PyTorch trains it, and as a graph."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from tocsin.detectors._dense_network import dense_layers, flat, squeezed, write_squeezed
from tocsin.detectors._redrawing import Apart
from tocsin.graph.network import Network

HUBER = 1.345
"""Deviations from which on the Huber loss grows in proportion (Huber 1964: 95 % efficient on normal noise)."""

_WIDEST = 10.0
"""The code's log variance is held within ± this: beyond, only badly scaled windows lead, and to infinity."""


class Drawn(NamedTuple):
    """What a window might have been: names in a graph, each of shape (n, window, channels)."""

    mean: str
    surprise: str
    """How uncertain the network is: log of variance ÷ least variance, from 0 up."""


class VariationalAutoencoder(nn.Module):
    """Squeezes a window into the mean and variance of a code, draws a code, and widens it into mean and variance.

    Parameters
    ----------
    window, channels
        Shape of a window.
    hidden
        Units of each encoder layer; the decoder has the same in reverse.
    code
        Numbers that a window is squeezed into.
    floor
        Least deviation of a value, in scaled units; the greatest is 1.
    dropout
        Share of each layer's outputs that is set to 0 while training.
    """

    def __init__(
        self, *, window: int, channels: int, hidden: tuple[int, ...], code: int, floor: float, dropout: float
    ) -> None:
        super().__init__()
        width = window * channels
        self.encoder = dense_layers([width, *hidden, 2 * code])
        self.decoder = dense_layers([code, *reversed(hidden), 2 * width])
        self.span = -2 * math.log(floor)
        self.dropout = dropout

    def forward(self, windows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mean and surprise of windows of shape (n, window, channels), and each window's divergence.

        In evaluation mode the code is its mean. The divergence is that of Kingma & Welling from a standard normal code.
        """
        mean, log_variance = squeezed(self.encoder, windows.flatten(1), dropout=self.dropout).chunk(2, dim=1)
        log_variance = log_variance.clamp(-_WIDEST, _WIDEST)
        divergence = (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1) / 2
        code = mean + (log_variance / 2).exp() * torch.randn_like(mean) if self.training else mean
        drawn, doubt = squeezed(self.decoder, code, dropout=self.dropout).chunk(2, dim=1)
        return drawn.reshape(windows.shape), (self.span * doubt.sigmoid()).reshape(windows.shape), divergence

    def write(self, network: Network, window: str) -> Drawn:
        """Add mean and surprise of ``window``, from the code's mean, to the graph."""
        both = write_squeezed(network, self.encoder, flat(network, window))
        code = network.ops("Split", [both], outputs=2, attributes={"axis": 1, "num_outputs": 2})[0]
        out = write_squeezed(network, self.decoder, code)
        shape = network.integers([-1, network.window, network.channels])
        drawn, doubt = network.ops("Split", [out], outputs=2, attributes={"axis": 1, "num_outputs": 2})
        surprise = network.op("Mul", network.op("Sigmoid", doubt), network.constant(self.span))
        return Drawn(network.op("Reshape", drawn, shape), network.op("Reshape", surprise, shape))


def evidence(name: str) -> Apart:
    """Return the loss: minus the evidence lower bound, per value, but for a constant (Kingma & Welling 2014, eq. 10).

    Parameters
    ----------
    name
        Which noise is assumed about the mean: "squared" (normal), "absolute" (Laplace's) or "huber".
    """

    def apart(network: nn.Module, seen: Tensor, windows: Tensor) -> Tensor:
        assert isinstance(network, VariationalAutoencoder)
        mean, surprise, divergence = network(seen)
        deviations = (windows - mean) * ((network.span - surprise) / 2).exp()
        values = windows[0].numel()
        bound: Tensor = (penalty(name, deviations) + surprise / 2).mean() + divergence.mean() / values
        return bound

    return apart


def penalty(name: str, deviations: Tensor) -> Tensor:
    """Return minus the logarithm of the noise's density at so many ``deviations``, but for a constant."""
    if name == "squared":
        return 0.5 * deviations * deviations
    if name == "absolute":
        return deviations.abs()
    none = torch.zeros_like(deviations)
    return nn.functional.huber_loss(deviations, none, reduction="none", delta=HUBER)


def write_penalty(network: Network, name: str, deviations: str) -> str:
    """Add what :func:`penalty` does to the graph."""
    size = network.op("Abs", deviations)
    if name == "absolute":
        return size
    within = size if name == "squared" else network.op("Min", size, network.constant(HUBER))
    inner = network.op("Mul", network.op("Mul", within, within), network.constant(0.5))
    if name == "squared":
        return inner
    return network.op("Add", inner, network.op("Mul", network.op("Sub", size, within), network.constant(HUBER)))
