"""Networks that predict the last reading of a window from those before it, as PyTorch trains them, and as graphs."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from typing import cast

from torch import Tensor, nn

from tocsin.detectors._layers import flipped, write_conv, write_dense
from tocsin.detectors._lstm_network import run, stacked, written
from tocsin.graph.network import Network


class Predicting(nn.Module, ABC):
    """A network that tells the reading after some others, and can be written down as a graph."""

    @abstractmethod
    def forward(self, before: Tensor) -> Tensor:
        """Return the reading after ``before`` of shape (n, steps, channels): shape (n, channels)."""

    @abstractmethod
    def write(self, network: Network, before: str) -> str:
        """Add the prediction, of shape (n, channels), to the graph; return its name."""


class LSTMForecast(Predicting):
    """Reads all readings but the last through a stack of LSTM layers; a dense layer yields the last.

    Parameters
    ----------
    channels
        Channels in a reading.
    hidden
        Units of each layer.
    """

    def __init__(self, *, channels: int, hidden: tuple[int, ...]) -> None:
        super().__init__()
        self.layers = stacked([channels, *hidden])
        self.output = nn.Linear(hidden[-1], channels)

    def forward(self, before: Tensor) -> Tensor:
        """Return the reading after ``before`` of shape (n, steps, channels): shape (n, channels)."""
        return cast(Tensor, self.output(run(self.layers, before.transpose(0, 1))[-1]))

    def write(self, network: Network, before: str) -> str:
        """Add the prediction, of shape (n, channels), to the graph."""
        return write_following(network, self.layers, self.output, before)


class CNNForecast(Predicting):
    """Reads all readings but the last through convolutions of growing dilation; dense layers yield the last.

    Layer k looks 2^k steps back for each weight of its kernel but the last, and at nothing later; before the window
    there are zeros.

    Parameters
    ----------
    channels
        Channels in a reading.
    filters
        Filters of each convolution.
    kernel
        Weights of a filter along time.
    """

    def __init__(self, *, channels: int, filters: tuple[int, ...], kernel: int) -> None:
        super().__init__()
        sizes = itertools.pairwise((channels, *filters))
        self.layers = nn.ModuleList(nn.Conv1d(k, out, kernel, dilation=2**j) for j, (k, out) in enumerate(sizes))
        self.dense = nn.Linear(filters[-1], filters[-1])
        self.output = nn.Linear(filters[-1], channels)
        self.reach = [(kernel - 1) * 2**j for j in range(len(filters))]

    def forward(self, before: Tensor) -> Tensor:
        """Return the reading after ``before`` of shape (n, steps, channels): shape (n, channels)."""
        steps = before.transpose(1, 2)
        for layer, reach in zip(self.layers, self.reach, strict=True):
            steps = nn.functional.relu(layer(nn.functional.pad(steps, (reach, 0))))
        return cast(Tensor, self.output(nn.functional.relu(self.dense(steps[:, :, -1]))))

    def write(self, network: Network, before: str) -> str:
        """Add the prediction, of shape (n, channels), to the graph."""
        steps = flipped(network, before, 0, 2, 1)
        for layer in self.layers:
            steps = network.op("Relu", write_conv(network, layer, steps, causal=True))
        last = network.op("Gather", steps, network.integers(network.window - 2), attributes={"axis": 2})
        return write_dense(network, self.output, network.op("Relu", write_dense(network, self.dense, last)))


def write_following(network: Network, layers: nn.ModuleList, output: nn.Linear, steps: str) -> str:
    """Add what recurrent layers, and a dense one after the last step, make of ``steps`` of shape (n, steps, units)."""
    last = written(network, layers, flipped(network, steps, 1, 0, 2)).last
    return write_dense(network, output, network.op("Squeeze", last, network.integers([0])))


def forecast_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the mean squared error of the last reading's prediction."""
    return nn.functional.mse_loss(network(windows[:, :-1]), windows[:, -1])
