"""A student of convolutions along time, as PyTorch trains it, and as a graph."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tocsin.detectors.learning.common import last_reading
from tocsin.detectors.learning.networks import dense_layers, flipped, write_conv
from tocsin.graph.network import Network
from tocsin.training.smaller.student import Shape
from tocsin.training.smaller.students._body import Body
from tocsin.training.smaller.students._rectified import rectified, write_rectified
from tocsin.training.smaller.students._statistics import Statistics

_STEPS = 8
"""Steps to which a window is shortened, at most, before layers look at all of it."""


class CNNBody(Body):
    """Halves a window by convolutions until it is short; dense layers look at what is left, and at its statistics.

    Parameters
    ----------
    shape
        What goes in and what comes out.
    width
        Filters of each convolution, and half the units of the dense layer.
    kernel
        Steps that a filter looks at, an odd number.
    """

    def __init__(self, shape: Shape, *, width: int, kernel: int) -> None:
        super().__init__()
        self.layers, steps, inputs = nn.ModuleList(), shape.window, shape.columns
        while steps > _STEPS or not len(self.layers):
            self.layers.append(nn.Conv1d(inputs, width, kernel, stride=2, padding=kernel // 2))
            steps, inputs = -(-steps // 2), width
        self.width, self.steps = width, steps
        self.statistics = Statistics(shape.window, shape.columns)
        inputs = width * steps + self.statistics.results + shape.columns
        self.dense = dense_layers([inputs, 2 * width, shape.results])

    def forward(self, windows: Tensor) -> Tensor:
        """Return the results, shape (n, results)."""
        steps = windows.transpose(1, 2)
        for layer in self.layers:
            steps = layer(steps).relu()
        seen = torch.cat([steps.flatten(1), self.statistics(windows), windows[:, -1]], dim=1)
        return rectified(self.dense, seen)

    def write(self, network: Network, window: str) -> str:
        """Add the results to the graph."""
        steps = flipped(network, window, 0, 2, 1)
        for layer in self.layers:
            steps = network.op("Relu", write_conv(network, layer, steps))
        row = network.op("Reshape", steps, network.integers([-1, self.width * self.steps]))
        beside = (self.statistics.write(network, window), last_reading(network, window))
        return write_rectified(network, self.dense, network.op("Concat", row, *beside, attributes={"axis": 1}))
