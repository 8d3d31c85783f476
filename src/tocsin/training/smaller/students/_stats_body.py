"""A student that looks at statistics of a window, as PyTorch trains it, and as a graph."""

from __future__ import annotations

import torch
from torch import Tensor

from tocsin.detectors.learning.networks import dense_layers
from tocsin.graph.network import Network
from tocsin.training.smaller.student import Shape
from tocsin.training.smaller.students._body import Body
from tocsin.training.smaller.students._rectified import rectified, write_rectified
from tocsin.training.smaller.students._statistics import Statistics


class StatsBody(Body):
    """Takes statistics of the window, and its last readings as they are, through two layers of ``width`` units.

    Parameters
    ----------
    shape
        What goes in and what comes out.
    width
        Units of each layer.
    last
        Readings that are seen one by one.
    """

    def __init__(self, shape: Shape, *, width: int, last: int) -> None:
        super().__init__()
        self.last = min(last, shape.window)
        self.statistics = Statistics(shape.window, shape.columns)
        inputs = self.statistics.results + self.last * shape.columns
        self.layers = dense_layers([inputs, width, width, shape.results])

    def forward(self, windows: Tensor) -> Tensor:
        """Return the results, shape (n, results)."""
        seen = torch.cat([self.statistics(windows), windows[:, -self.last :].flatten(1)], dim=1)
        return rectified(self.layers, seen)

    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph."""
        bounds = (network.integers([k]) for k in (-self.last, 2**31 - 1, 1))  # the axis comes third
        lately = network.op("Slice", window, *bounds)
        row = network.op("Reshape", lately, network.integers([-1, self.last * network.channels]))
        both = network.op("Concat", self.statistics.write(network, window), row, attributes={"axis": 1})
        return write_rectified(network, self.layers, both)
