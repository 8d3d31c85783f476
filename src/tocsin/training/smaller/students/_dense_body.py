"""A student of fully connected layers, as PyTorch trains it, and as a graph."""

from __future__ import annotations

from torch import Tensor

from tocsin.detectors._dense_network import dense_layers, flat, squeezed, write_squeezed
from tocsin.graph.network import Network
from tocsin.training.smaller.student import Shape
from tocsin.training.smaller.students._body import Body


class DenseBody(Body):
    """Takes a window as one long row through two layers of ``width`` units.

    Parameters
    ----------
    shape
        What goes in and what comes out.
    width
        Units of each layer.
    """

    def __init__(self, shape: Shape, *, width: int) -> None:
        super().__init__()
        self.layers = dense_layers([shape.window * shape.columns, width, width, shape.results])

    def forward(self, windows: Tensor) -> Tensor:
        """Return the results, shape (n, results)."""
        return squeezed(self.layers, windows.flatten(1), dropout=0.0)

    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph."""
        return write_squeezed(network, self.layers, flat(network, window))
