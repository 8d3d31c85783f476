"""A student of fully connected layers, as PyTorch trains it, and as a graph."""

from __future__ import annotations

from torch import Tensor

from tocsin.detectors.learning.networks import dense_layers, flat
from tocsin.graph.network import Network
from tocsin.training.smaller.student import Shape
from tocsin.training.smaller.students._body import Body
from tocsin.training.smaller.students._rectified import rectified, write_rectified


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
        return rectified(self.layers, windows.flatten(1))

    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph."""
        return write_rectified(network, self.layers, flat(network, window))
