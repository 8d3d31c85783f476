"""A student that reads a window reading by reading, as PyTorch trains it, and as a graph."""

from __future__ import annotations

import torch
from torch import Tensor

from tocsin.detectors.learning.common import last_reading
from tocsin.detectors.learning.networks import dense_layers, flipped, run, stacked, written
from tocsin.graph.network import Network
from tocsin.training.smaller.student import Shape
from tocsin.training.smaller.students._body import Body
from tocsin.training.smaller.students._rectified import rectified, write_rectified
from tocsin.training.smaller.students._statistics import Statistics


class GRUBody(Body):
    """Reads a window through one recurrent layer; dense layers look at its last state, and at statistics.

    Parameters
    ----------
    shape
        What goes in and what comes out.
    width
        Units of each layer.
    """

    def __init__(self, shape: Shape, *, width: int) -> None:
        super().__init__()
        self.layers = stacked([shape.columns, width], cell="gru")
        self.statistics = Statistics(shape.window, shape.columns)
        self.dense = dense_layers([width + self.statistics.results + shape.columns, width, shape.results])

    def forward(self, windows: Tensor) -> Tensor:
        """Return the results, shape (n, results)."""
        last = run(self.layers, windows.transpose(0, 1))[-1]
        return rectified(self.dense, torch.cat([last, self.statistics(windows), windows[:, -1]], dim=1))

    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph."""
        hidden = written(network, self.layers, flipped(network, window, 1, 0, 2)).last
        last = network.op("Squeeze", hidden, network.integers([0]))
        beside = (self.statistics.write(network, window), last_reading(network, window))
        return write_rectified(network, self.dense, network.op("Concat", last, *beside, attributes={"axis": 1}))
