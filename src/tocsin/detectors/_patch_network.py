"""A small convolutional network that turns a window into a direction, so that like windows point the same way."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn


class PatchEncoder(nn.Module):
    """Levels each channel of a window, runs convolutions over it, and averages over all steps and the newest ones.

    Parameters
    ----------
    channels
        Channels in a reading.
    filters
        Filters of each convolution.
    kernels
        Odd widths of the convolutions, in readings.
    floor
        What is added, squared, to the variance that a channel is levelled by.
    recent
        Newest steps whose mean stands beside that of all; 0 for none.
    """

    def __init__(
        self, *, channels: int, filters: tuple[int, ...], kernels: tuple[int, ...], floor: float, recent: int
    ) -> None:
        super().__init__()
        sizes = zip(itertools.pairwise((channels, *filters)), kernels, strict=True)
        self.layers = nn.ModuleList(nn.Conv1d(k, out, width, padding=width // 2) for (k, out), width in sizes)
        self.size = filters[-1] * (2 if recent else 1)
        wide = 2 * filters[-1]
        self.project = nn.Sequential(nn.Linear(self.size, wide), nn.ReLU(), nn.Linear(wide, wide))
        self.floor, self.recent = floor, recent

    def forward(self, windows: Tensor) -> Tensor:
        """Return the embedding of windows of shape (n, window, channels): shape (n, size)."""
        steps = levelled(windows, self.floor).transpose(1, 2)
        for layer in self.layers:
            steps = nn.functional.relu(layer(steps))
        means = [steps.mean(dim=2)]
        if self.recent:
            means.append(steps[:, :, -self.recent :].mean(dim=2))
        return torch.cat(means, dim=1)


def levelled(windows: Tensor, floor: float) -> Tensor:
    """Return windows with each channel's mean over the window taken off, in units of its deviation there and floor."""
    centred = windows - windows.mean(dim=1, keepdim=True)
    variance = (centred**2).mean(dim=1, keepdim=True)
    return centred / torch.sqrt(variance + floor**2)


def triplet_loss(radius: int, margin: float) -> Callable[[nn.Module, Tensor], Tensor]:
    """Return the loss that draws windows near in time together and pushes those unlike them away.

    It is given windows that are 2 · radius readings too long. The anchor is the middle part; its positive is the part
    1 to radius readings to either side; its negative is the positive, of all others in the batch, least like it. The
    loss is max(0, distance to the positive − distance to the negative + margin), a distance being 1 − cosine.
    """

    def loss(network: nn.Module, longer: Tensor) -> Tensor:
        n, length = len(longer), longer.shape[1] - 2 * radius
        shift = torch.randint(1, radius + 1, (n,)) * (2 * torch.randint(0, 2, (n,)) - 1) if radius else torch.zeros(n)
        start = (radius + shift.long()).to(longer.device)
        places = start[:, None] + torch.arange(length, device=longer.device)
        positive = longer[torch.arange(n, device=longer.device)[:, None], places]
        encoded = network(torch.cat([longer[:, radius : radius + length], positive]))
        towards = nn.functional.normalize(cast(PatchEncoder, network).project(encoded), dim=1)
        distance = 1 - towards[:n] @ towards[n:].T
        others = distance - 3 * torch.eye(n, device=longer.device)
        return nn.functional.relu(distance.diagonal() - others.amax(dim=1).clamp(min=0) + margin).mean()

    return loss
