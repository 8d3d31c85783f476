"""Faults put into windows while a network learns, so that it learns to redraw windows without them."""

from __future__ import annotations

import torch
from torch import Tensor

_SIZES = (0.5, 6.0)
"""How far a fault pushes, in deviations of the channel."""

_TO_THE_END = 0.5
"""Share of the faults that last until the window's end: those that a score of the last step is about."""

_TOO = 0.3
"""Chance of each further channel to be touched as well."""


def with_faults(windows: Tensor, *, share: float) -> Tensor:
    """Return windows of shape (n, window, channels) with a fault in a ``share`` of them.

    A fault begins anywhere and is one of six: a spike of one step, a drift in equal steps, an offset, the first value
    repeated, Gaussian noise, or departures from the window's mean made up to four times as large or as small. It
    touches one channel, and each other one with a chance of .3. Sizes are .5 to 6 deviations of the channel among
    these windows, up or down. The torch counterpart of :func:`tocsin.training.simulate.inject`.
    """
    if not share:
        return windows
    chosen = torch.rand(len(windows), device=windows.device) < share
    changed = windows.clone()
    changed[chosen] = _faulty(windows[chosen], unit=windows.std(dim=(0, 1), correction=0))
    return changed


def _faulty(windows: Tensor, *, unit: Tensor) -> Tensor:
    """Return windows with a fault in each."""
    n, length, channels = windows.shape
    first, last = _when(n, length, windows.device)
    steps = torch.arange(length, device=windows.device)[None, :, None]
    happens = (steps >= first) & (steps <= last) & _where(n, channels, windows.device)
    low, high = _SIZES
    size = unit * (low + (high - low) * _chance(n, 1, windows)) * _chance(n, 1, windows).sub(0.5).sign()
    kinds = torch.stack(_kinds(windows, size, since=steps - first, length=last - first + 1, first=first))
    kind = torch.randint(len(kinds), (n,), device=windows.device)
    return torch.where(happens, kinds[kind, torch.arange(n, device=windows.device)], windows)


def _kinds(windows: Tensor, size: Tensor, *, since: Tensor, length: Tensor, first: Tensor) -> tuple[Tensor, ...]:
    """Return what windows are while each kind of fault lasts."""
    level = windows.mean(dim=1, keepdim=True)
    begun = windows.gather(1, first.expand(-1, 1, windows.shape[2]))
    return (
        windows + size * (since == 0),
        windows + size * (since + 1) / length,
        windows + size,
        begun.expand_as(windows),
        windows + size * torch.randn_like(windows),
        level + (windows - level) * 4 ** (2 * _chance(len(windows), 1, windows) - 1),
    )


def _when(n: int, length: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return first and last faulty step of n windows, each of shape (n, 1, 1)."""
    first = torch.randint(length, (n, 1, 1), device=device)
    lasts = (torch.rand(n, 1, 1, device=device) * (length - first)).long()
    ends = torch.rand(n, 1, 1, device=device) < _TO_THE_END
    return first, torch.where(ends, length - 1, first + lasts)


def _where(n: int, channels: int, device: torch.device) -> Tensor:
    """Return which channels are touched, shape (n, 1, channels)."""
    sure = torch.randint(channels, (n, 1, 1), device=device) == torch.arange(channels, device=device)
    return sure | (torch.rand(n, 1, channels, device=device) < _TOO)


def _chance(n: int, channels: int, like: Tensor) -> Tensor:
    return torch.rand(n, 1, channels, device=like.device)
