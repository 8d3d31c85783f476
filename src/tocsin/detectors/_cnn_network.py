"""The convolutional autoencoder as PyTorch trains it, and as a graph."""

from __future__ import annotations

import itertools
from typing import cast

import torch
from torch import Tensor, nn

from tocsin.detectors._layers import flipped, write_conv
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.conv import twofold
from tocsin.graph.elu import elu
from tocsin.graph.network import Network


class CNNAutoencoder(Redrawing):
    """Squeezes a window by convolutions along time, each of which halves its length, and widens it again.

    Parameters
    ----------
    window, channels
        Shape of a window.
    filters
        Filters of each encoder layer; the decoder has the same in reverse.
    kernel
        Steps that a filter looks at, an odd number.
    code
        Numbers that are left of each step once the window is shortest.
    dropout
        Share of each layer's outputs that is set to 0 while training.
    """

    def __init__(
        self, *, window: int, channels: int, filters: tuple[int, ...], kernel: int, code: int, dropout: float
    ) -> None:
        super().__init__()
        wide = list(itertools.pairwise([code, *reversed(filters)]))
        self.encoder = nn.ModuleList(_layer(*sizes, kernel, 2) for sizes in itertools.pairwise([channels, *filters]))
        self.code = _layer(filters[-1], code, 1, 1)
        self.decoder = nn.ModuleList(_layer(*sizes, kernel, 1) for sizes in wide)
        self.output = _layer(filters[0], channels, kernel, 1)
        self.dropout = dropout
        lengths = list(itertools.accumulate(filters, lambda length, _: -(-length // 2), initial=window))
        self.longer = [torch.from_numpy(twofold(length)) for length in reversed(lengths[:-1])]

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        steps = windows.transpose(1, 2)
        for layer in self.encoder:
            steps = self._after(layer(steps))
        steps = self.code(steps)
        for layer, longer in zip(self.decoder, self.longer, strict=True):
            steps = self._after(layer(steps @ longer.to(steps.device)))
        return cast(Tensor, self.output(steps)).transpose(1, 2)

    def write(self, network: Network, window: str) -> str:
        """Add the reconstruction of ``window``, of the same shape, to the graph."""
        steps = flipped(network, window, 0, 2, 1)
        for layer in self.encoder:
            steps = elu(network, write_conv(network, layer, steps))
        steps = write_conv(network, self.code, steps)
        for layer, longer in zip(self.decoder, self.longer, strict=True):
            steps = network.op("MatMul", steps, network.constant(longer.numpy()))
            steps = elu(network, write_conv(network, layer, steps))
        return flipped(network, write_conv(network, self.output, steps), 0, 2, 1)

    def _after(self, steps: Tensor) -> Tensor:
        return nn.functional.dropout(nn.functional.elu(steps), self.dropout, self.training)


def _layer(inputs: int, filters: int, kernel: int, stride: int) -> nn.Conv1d:
    return nn.Conv1d(inputs, filters, kernel, stride=stride, padding=kernel // 2)
