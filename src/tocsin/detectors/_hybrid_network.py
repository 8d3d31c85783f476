"""Autoencoder and LSTM on one representation, as PyTorch trains them."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from tocsin.detectors._lstm_network import run, stacked


class Read(NamedTuple):
    """What the network makes of windows, and what it should have been."""

    patches: Tensor
    """Each reading together with the few before it, shape (n, patches, span · channels)."""
    redrawn: Tensor
    """The autoencoder's version of them, the same shape."""
    following: Tensor
    """The reading after each patch but the last, shape (n, patches − 1, channels)."""
    predicted: Tensor
    """The LSTM's prediction of it, the same shape."""


class Hybrid(nn.Module):
    """Encodes each reading with the few before it; a decoder redraws them, an LSTM predicts the next from all codes.

    Parameters
    ----------
    channels
        Channels in a reading.
    span
        Readings that are encoded together.
    hidden, latent
        Units of the encoder's two layers; the decoder has the first again.
    lstm
        Units of each LSTM layer.
    """

    def __init__(self, *, channels: int, span: int, hidden: int, latent: int, lstm: tuple[int, ...]) -> None:
        super().__init__()
        self.channels, self.span = channels, span
        self.encoder = nn.ModuleList([nn.Linear(span * channels, hidden), nn.Linear(hidden, latent)])
        self.decoder = nn.ModuleList([nn.Linear(latent, hidden), nn.Linear(hidden, span * channels)])
        self.layers = stacked([latent, *lstm])
        self.output = nn.Linear(lstm[-1], channels)

    def forward(self, windows: Tensor) -> Read:
        """Read windows of shape (n, window, channels)."""
        patches = windows.unfold(1, self.span, 1).transpose(2, 3).flatten(2)
        code = through(self.encoder, patches)
        predicted = self.output(run(self.layers, code[:, :-1].transpose(0, 1)))
        return Read(patches, through(self.decoder, code), windows[:, self.span :], predicted.transpose(0, 1))


def through(layers: nn.ModuleList, steps: Tensor) -> Tensor:
    """Return two dense layers of ``steps``, with a rectifier between them."""
    return torch.as_tensor(layers[1](nn.functional.relu(layers[0](steps))))


def redrawing_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the mean squared error of the redrawn patches (Pallikonda et al. 2025, equation 2)."""
    read: Read = network(windows)
    return nn.functional.mse_loss(read.redrawn, read.patches)


def prediction_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return the mean squared error of the predicted readings (equation 3)."""
    read: Read = network(windows)
    return nn.functional.mse_loss(read.predicted, read.following)


def joint_loss(network: nn.Module, windows: Tensor) -> Tensor:
    """Return both losses together, so that the representation has to serve both."""
    read: Read = network(windows)
    return nn.functional.mse_loss(read.redrawn, read.patches) + nn.functional.mse_loss(read.predicted, read.following)


def last_errors(network: nn.Module, windows: Tensor) -> Tensor:
    """Return both mean squared errors of the last reading, shape (n, 2): redrawn, predicted."""
    with torch.no_grad():
        read: Read = network(windows)
    last, channels = windows[:, -1], windows.shape[2]
    errors = (read.redrawn[:, -1, -channels:] - last), (read.predicted[:, -1] - last)
    return torch.stack([(error**2).mean(dim=1) for error in errors], dim=1)


def frozen_autoencoder(network: Hybrid) -> Hybrid:
    """Return ``network`` with an autoencoder that no longer learns."""
    for part in (network.encoder, network.decoder):
        part.requires_grad_(False)
    return network
