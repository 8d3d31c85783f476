"""A student while it learns: its network, and around it what makes of the results a score that never saturates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tocsin.core.contracts import Graph
from tocsin.detectors._rows import last_reading
from tocsin.graph.network import Network
from tocsin.graph.shares import total
from tocsin.training.smaller._answers import CUT
from tocsin.training.smaller._far import Far
from tocsin.training.smaller.students._body import Body


class Said(NamedTuple):
    """What a student makes of n windows, in units of the teacher's limit."""

    parts: Tensor
    """Shape (n, columns), never below 0: each column's part of the score."""
    expected: Tensor
    """Shape (n, columns): what it expects of the last reading, in scaled units."""


class Pupil(nn.Module):
    """Tells of each column what it expected and how strange it is.

    A column's part of the score is ``(gain · (value − expected) + rest)² + outside``. The network yields ``expected``
    and ``rest``, ``gain`` is learned too. ``outside`` is the squared distance from the normal range, weighted as the
    teacher was seen to weigh it: it grows without end, and nothing can take it back.

    Parameters
    ----------
    body
        The network: windows in, twice as many results out as there are columns.
    far
        What the teacher does far out, its weights in units of its limit.
    """

    low: Tensor
    high: Tensor
    down: Tensor
    up: Tensor
    steps: Tensor
    levelled: Tensor

    def __init__(self, body: Body, far: Far) -> None:
        super().__init__()
        self.body = body
        self.gain = nn.Parameter(torch.full((len(far.up),), 0.5))
        for name in ("low", "high", "down", "up", "steps", "levelled"):
            self.register_buffer(name, torch.from_numpy(getattr(far, name).astype(np.float32)))

    def forward(self, windows: Tensor) -> Said:
        """Return what is made of scaled windows of shape (n, window, columns)."""
        level = windows.mean(dim=1, keepdim=True) * self.levelled
        seen = windows - level
        expected, rest = self.body(seen.clamp(-CUT, CUT)).chunk(2, dim=1)
        strange = self.gain * (seen[:, -1] - expected) + rest
        return Said(strange**2 + self._outside(seen), expected + level[:, 0])

    def _outside(self, seen: Tensor) -> Tensor:
        above, below = (seen - self.high).relu(), (self.low - seen).relu()
        return ((above**2 * self.up + below**2 * self.down) * self.steps[:, None]).sum(dim=1)

    def write(self, *, window: int, unit: float, base: float, shares: bool, expects: bool) -> Graph:
        """Return the graph of scaled windows: the score is ``base`` and ``unit`` times the sum of the parts."""
        columns = len(self.gain)
        network = Network(window=window, channels=columns)
        level = _mean(network) if self.levelled.any() else None
        if level is not None:
            level = network.op("Mul", level, _constant(network, self.levelled))
        seen = network.input if level is None else network.op("Sub", network.input, level)
        bounds = (network.constant(-CUT), network.constant(CUT))
        both = self.body.write(network, network.op("Clip", seen, *bounds))
        expected, rest = (_half(network, both, columns, second) for second in (False, True))
        apart = network.op("Sub", last_reading(network, seen), expected)
        strange = network.op("Add", network.op("Mul", apart, _constant(network, self.gain)), rest)
        parts = network.op("Add", network.op("Mul", strange, strange), self._write_outside(network, seen))
        by_channel = network.op("Mul", parts, network.constant(unit))
        score = network.op("Add", total(network, by_channel), network.constant(base))
        if level is not None:
            expected = network.op("Add", expected, network.op("Reshape", level, network.integers([-1, columns])))
        return network.seal(score, by_channel if shares else None, expected=expected if expects else None)

    def _write_outside(self, network: Network, seen: str) -> str:
        """Add the weighted squared distance outside the normal range, shape (n, columns)."""
        above = network.op("Relu", network.op("Sub", seen, _constant(network, self.high)))
        below = network.op("Relu", network.op("Sub", _constant(network, self.low), seen))
        squares = [
            network.op("Mul", network.op("Mul", way, way), _constant(network, weight))
            for way, weight in ((above, self.up), (below, self.down))
        ]
        return _over_time(network, network.op("Add", *squares), self.steps.numpy())


def _mean(network: Network) -> str:
    """Add each column's mean in the window; shape (n, 1, columns)."""
    mean = _over_time(network, network.input, np.full(network.window, 1 / network.window))
    return network.op("Reshape", mean, network.integers([-1, 1, network.channels]))


def _over_time(network: Network, steps: str, weights: np.ndarray[tuple[int], np.dtype[np.floating]]) -> str:
    """Add the weighted sum over time of ``steps`` of shape (n, window, columns); shape (n, columns)."""
    # time comes last, for one product with one matrix: a stack of matrices rounds differently in company
    turned = network.op("Transpose", steps, attributes={"perm": [0, 2, 1]})
    flat = network.op("Reshape", turned, network.integers([-1, network.window]))
    summed = network.op("MatMul", flat, network.constant(weights[:, None]))
    return network.op("Reshape", summed, network.integers([-1, network.channels]))


def _half(network: Network, both: str, columns: int, second: bool) -> str:
    start, stop = (columns, 2 * columns) if second else (0, columns)
    return network.op("Slice", both, *(network.integers([k]) for k in (start, stop, 1)))


def _constant(network: Network, values: Tensor) -> str:
    return network.constant(values.detach().numpy())
