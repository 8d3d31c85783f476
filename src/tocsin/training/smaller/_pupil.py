"""A student while it learns: its network, and around it what makes of the results a score that never saturates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from tocsin.core.contracts import Graph
from tocsin.detectors.learning.common import last_reading
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

    steps: Tensor
    sees: Tensor

    def __init__(self, body: Body, far: Far) -> None:
        super().__init__()
        self.body = body
        self.gain = nn.Parameter(torch.full((len(far.sees),), 0.5))
        self.departures, self.level = (
            tuple(torch.from_numpy(each.astype(np.float32)) for each in beyond)
            for beyond in (far.departures, far.level)
        )
        for name in ("steps", "sees"):
            self.register_buffer(name, torch.from_numpy(getattr(far, name).astype(np.float32)))

    def forward(self, windows: Tensor) -> Said:
        """Return what is made of scaled windows of shape (n, window, columns)."""
        level = windows.mean(dim=1, keepdim=True)
        apart = windows - level
        # cut one by one, so that changes are seen at any level
        shown = apart.clamp(-CUT, CUT) + level.clamp(-CUT, CUT) * self.sees
        expected, rest = self.body(shown).chunk(2, dim=1)
        seen = apart[:, -1] + level[:, 0] * self.sees
        outside = (_outside(apart, self.departures) * self.steps[:, None]).sum(dim=1) + _outside(level, self.level)[
            :, 0
        ]
        strange = (self.gain * (seen - expected) + rest) ** 2
        return Said(strange + outside, expected + level[:, 0] * (1 - self.sees))

    def write(self, *, window: int, unit: float, base: float, shares: bool, expects: bool) -> Graph:
        """Return the graph of scaled windows: the score is ``base`` and ``unit`` times the sum of the parts."""
        columns = len(self.gain)
        network = Network(window=window, channels=columns)
        level, sees = _mean(network), _constant(network, self.sees)
        apart = network.op("Sub", network.input, level)
        cut = [network.op("Clip", each, network.constant(-CUT), network.constant(CUT)) for each in (apart, level)]
        both = self.body.write(network, network.op("Add", cut[0], network.op("Mul", cut[1], sees)))
        expected, rest = (_half(network, both, columns, second) for second in (False, True))
        seen = network.op("Add", last_reading(network, apart), _row(network, network.op("Mul", level, sees)))
        missed = network.op("Sub", seen, expected)
        strange = network.op("Add", network.op("Mul", missed, _constant(network, self.gain)), rest)
        outside = self._write_outside(network, apart, level)
        parts = network.op("Add", network.op("Mul", strange, strange), outside)
        by_channel = network.op("Mul", parts, network.constant(unit))
        score = network.op("Add", total(network, by_channel), network.constant(base))
        unseen = network.op("Mul", level, _constant(network, 1 - self.sees))
        expected = network.op("Add", expected, _row(network, unseen))
        return network.seal(score, by_channel if shares else None, expected=expected if expects else None)

    def _write_outside(self, network: Network, apart: str, level: str) -> str:
        """Add what lies outside the normal ranges, shape (n, columns)."""
        changes = _over_time(network, _write_beyond(network, apart, self.departures), self.steps.numpy())
        return network.op("Add", changes, _row(network, _write_beyond(network, level, self.level)))


def _outside(values: Tensor, beyond: tuple[Tensor, ...]) -> Tensor:
    """Return the weighted squared distances of values of shape (n, steps, columns) from their normal range."""
    low, high, down, up = beyond
    return (low - values).relu() ** 2 * down + (values - high).relu() ** 2 * up


def _write_beyond(network: Network, values: str, beyond: tuple[Tensor, ...]) -> str:
    """Add what :func:`_outside` does to the graph."""
    low, high, down, up = (_constant(network, each) for each in beyond)
    below = network.op("Relu", network.op("Sub", low, values))
    above = network.op("Relu", network.op("Sub", values, high))
    squares = ((network.op("Mul", way, way), weight) for way, weight in ((below, down), (above, up)))
    return network.op("Add", *(network.op("Mul", square, weight) for square, weight in squares))


def _row(network: Network, steps: str) -> str:
    """Add ``steps`` of shape (n, 1, columns) as one of shape (n, columns)."""
    return network.op("Reshape", steps, network.integers([-1, network.channels]))


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
