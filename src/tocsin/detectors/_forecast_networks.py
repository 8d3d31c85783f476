"""Networks that predict the last reading of a window from those before it, as PyTorch trains them."""

from __future__ import annotations

import itertools
from typing import cast

from torch import Tensor, nn

from tocsin.core.arrays import Float32Array
from tocsin.detectors._lstm_network import run, stacked


class LSTMForecast(nn.Module):
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


class CNNForecast(nn.Module):
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


def forecast_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the mean squared error of the last reading's prediction."""
    return nn.functional.mse_loss(network(windows[:, :-1]), windows[:, -1])


def conv_of(layer: nn.Module) -> tuple[Float32Array, Float32Array]:
    """Return weight of shape (out, in, kernel) and bias of shape (out,) of an ``nn.Conv1d``."""
    weights = {name: value.detach().cpu().numpy() for name, value in layer.named_parameters()}
    return weights["weight"], weights["bias"]
