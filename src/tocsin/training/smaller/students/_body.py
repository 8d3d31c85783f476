"""The network inside a student as PyTorch trains it. Imported where training happens only."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn

from tocsin.graph.network import Network


class Body(nn.Module, ABC):
    """Makes of windows of shape (n, window, columns) as many results as it is asked for, and can be written down."""

    @abstractmethod
    def forward(self, windows: Tensor) -> Tensor:
        """Return the results, shape (n, results)."""

    @abstractmethod
    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph; return their name."""
