"""The fully connected autoencoder as PyTorch trains it, and as a graph; the denoising one is the same, spoiled."""

from __future__ import annotations

import itertools
from typing import cast

import torch
from torch import Tensor, nn

from tocsin.detectors._layers import write_dense
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.elu import elu
from tocsin.graph.network import Network


class DenseAutoencoder(Redrawing):
    """Squeezes a window, taken as one long row, through layers of fewer and fewer units, and widens it again.

    Parameters
    ----------
    window, channels
        Shape of a window.
    hidden
        Units of each encoder layer, the code last; the decoder has the same in reverse.
    dropout
        Share of each layer's outputs that is set to 0 while training.
    """

    def __init__(self, *, window: int, channels: int, hidden: tuple[int, ...], dropout: float) -> None:
        super().__init__()
        width = window * channels
        self.encoder = dense_layers([width, *hidden])
        self.decoder = dense_layers([*reversed(hidden), width])
        self.dropout = dropout

    def forward(self, windows: Tensor) -> Tensor:
        """Return the reconstruction of windows of shape (n, window, channels): the same shape."""
        code = squeezed(self.encoder, windows.flatten(1), dropout=self.dropout)
        return squeezed(self.decoder, code, dropout=self.dropout).reshape(windows.shape)

    def write(self, network: Network, window: str) -> str:
        """Add the reconstruction of ``window``, of the same shape, to the graph."""
        rows = write_squeezed(network, self.decoder, write_squeezed(network, self.encoder, flat(network, window)))
        return network.op("Reshape", rows, network.integers([-1, network.window, network.channels]))


def dense_layers(sizes: list[int]) -> nn.ModuleList:
    """Return fully connected layers from the first of ``sizes`` units to the last."""
    return nn.ModuleList(nn.Linear(k, units) for k, units in itertools.pairwise(sizes))


def squeezed(layers: nn.ModuleList, rows: Tensor, *, dropout: float) -> Tensor:
    """Return what ``layers`` make of ``rows`` of shape (n, units): an ELU and the dropout between any two."""
    for layer in layers[:-1]:
        rows = nn.functional.elu(layer(rows))
        rows = nn.functional.dropout(rows, dropout, layer.training)
    return cast(Tensor, layers[-1](rows))


def write_squeezed(network: Network, layers: nn.ModuleList, rows: str) -> str:
    """Add what :func:`squeezed` does to the graph."""
    for layer in layers[:-1]:
        rows = elu(network, write_dense(network, layer, rows))
    return write_dense(network, layers[-1], rows)


def flat(network: Network, window: str) -> str:
    """Add the window as one long row, shape (n, window · channels)."""
    return network.op("Reshape", window, network.integers([-1, network.window * network.channels]))


def spoiled(windows: Tensor, *, noise: float, swapped: float) -> Tensor:
    """Return windows of shape (n, window, channels) with noise, and some channels taken from another of them.

    Parameters
    ----------
    windows
        What to spoil.
    noise
        Deviation of what is added to each value.
    swapped
        Share of the channels in a window whose values are replaced by those of another window.
    """
    n, _, channels = windows.shape
    taken = torch.rand(n, 1, channels, device=windows.device) < swapped
    others = windows[torch.randperm(n, device=windows.device)]
    return torch.where(taken, others, windows) + noise * torch.randn_like(windows)
