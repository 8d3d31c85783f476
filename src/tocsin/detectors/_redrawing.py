"""Networks that redraw windows, and what they are trained to: to redraw them as they were before they were spoiled."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

from tocsin.detectors._faulty import with_faults
from tocsin.graph.network import Network

Apart = Callable[[nn.Module, Tensor, Tensor], Tensor]
"""Mean, over all values, of how far what a network makes of the first windows is from the second ones."""

Distance = Callable[[Tensor, Tensor], Tensor]
"""Mean over all elements of how far two tensors of one shape are apart."""

HUBER = 0.1
"""Scaled units from which on the Huber loss grows in proportion: some noise of a sensor, a fault seldom."""


class Redrawing(nn.Module, ABC):
    """A network that redraws windows of shape (n, window, channels), and can be written down as a graph."""

    @abstractmethod
    def forward(self, windows: Tensor) -> Tensor:
        """Return the windows redrawn: the same shape."""

    @abstractmethod
    def write(self, network: Network, window: str) -> str:
        """Add the redrawn ``window``, of the same shape, to the graph; return its name."""


def lesson(
    apart: Apart, spoil: Callable[[Tensor], Tensor], *, faults: float, flattest: float | None
) -> Callable[[nn.Module, Tensor], Tensor]:
    """Return the loss of redrawing windows as they were; in evaluation mode nothing is spoiled.

    Parameters
    ----------
    apart
        How far what the network makes of the windows it sees is from the windows as they were.
    spoil
        What is done to windows before the network sees them.
    faults
        Share of the windows into which a fault is put.
    flattest
        Least deviation by which windows are divided, once the mean of what is seen is taken off; None for neither.
    """

    def loss(network: nn.Module, windows: Tensor) -> Tensor:
        seen = with_faults(spoil(windows), share=faults) if network.training else windows
        if flattest is not None:
            level = seen.mean(dim=1, keepdim=True)
            unit = seen.std(dim=1, keepdim=True, correction=0).clamp(min=flattest)
            seen, windows = (seen - level) / unit, (windows - level) / unit
        return apart(network, seen, windows)

    return loss


def redrawn_apart(name: str) -> Apart:
    """Return the loss of a plain redrawing: the :func:`distance` called ``name``."""
    between = distance(name)
    return lambda network, seen, windows: between(network(seen), windows)


def distance(name: str) -> Distance:
    """Return the loss called "squared", "absolute" or "huber" (Huber 1964, "Robust estimation", half as it grows).

    >>> import torch
    >>> [distance(name)(torch.tensor([2.1]), torch.tensor([0.0])).item() for name in ("squared", "absolute", "huber")]
    [4.4..., 2.0..., 0.2...]
    """
    functional = nn.functional
    if name == "huber":
        return partial(functional.huber_loss, delta=HUBER)
    return {"squared": functional.mse_loss, "absolute": functional.l1_loss}[name]
