"""Steps one after the other: the same in training as in the graph that scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.errors import SettingError
from tocsin.prepare._columns import Series
from tocsin.prepare._feature import C, Feature

if TYPE_CHECKING:
    from tocsin.graph.columns import Nodes
    from tocsin.graph.network import Network


@dataclass(frozen=True)
class Features:
    """Several steps as one: the values as the last step left them, then what each step adds, in the order given.

    Parameters
    ----------
    steps
        The steps; none leave everything as it is.

    Raises
    ------
    SettingError
        If a step that makes one row of several readings does not come before those that add columns.
    """

    steps: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        added = False
        for step in self.steps:
            if added and step.stride > 1:
                name = type(step).__name__.lower()
                raise SettingError(
                    f"{name} makes one row of many readings, and a step before it has done so or has added columns.",
                    remedy=f"Give {name} once, before steps that add columns.",
                )
            added = added or not step.replaces or step.stride > 1

    @property
    def stride(self) -> int:
        """Readings from one row to the next: 1 unless a step makes one row of several readings."""
        return prod(step.stride for step in self.steps)

    @property
    def reach(self) -> int:
        """How many readings before a reading its row is made of."""
        return self.readings(1) - 1

    def readings(self, rows: int) -> int:
        """Return how many readings it takes for so many rows."""
        needed = rows
        for step in reversed(self.steps):
            base = needed if step.replaces else rows
            needed = max(needed, (base - 1) * step.stride + 1 + step.reach)
        return needed

    def rows(self, readings: int) -> int:
        """Return how many rows so many readings make."""
        return max(0, (readings - 1 - self.reach) // self.stride + 1)

    def __call__(self, series: Float32Array) -> Float32Array:
        """Return ``series`` of shape (readings, channels), scaled, as rows of columns: (readings ÷ stride, columns).

        The last row ends with the last reading. The rows follow each other without regard to devices or gaps; windows
        must not reach back over a border. The first rows are zeros where nothing can be known.
        """
        if not self.steps:
            return series
        if len(series) <= self.reach:
            return np.zeros((len(series) // self.stride, self.width(series.shape[1])), np.float32)
        known = self._columns(Series(series)).values
        return np.concatenate([np.zeros((len(series) // self.stride - len(known), known.shape[1]), np.float32), known])

    def width(self, channels: int) -> int:
        """Return the number of columns that so many channels get."""
        return self(np.zeros((self.readings(1), channels), np.float32)).shape[1] if self.steps else channels

    def fold(self, graph: Graph, *, window: int, channels: int) -> Graph:
        """Return ``graph`` with the steps in front, and its shares summed up by channel.

        Parameters
        ----------
        graph
            Takes windows of ``window`` rows of columns.
        window
            Rows in such a window; the result takes ``readings(window)`` readings.
        channels
            Channels in a reading.
        """
        if not self.steps:
            return graph
        from tocsin.graph.columns import Nodes
        from tocsin.graph.graft import graft
        from tocsin.graph.network import Network

        network = Network(window=self.readings(window), channels=channels)
        columns, replaced = self._made(Nodes(network, network.input, network.window))
        found = graft(network, graph, columns.name)
        shares, expected = found.by_channel, found.expected
        by_channel = None if shares is None else _by_channel(network, shares, self.width(channels) // channels)
        raw = None if expected is None else _undone(columns, expected, replaced)
        return replace(network.seal(found.score, by_channel, expected=raw, curves=graph.curves), why=graph.why)

    def _columns(self, values: C) -> C:
        return self._made(values)[0]

    def _made(self, values: C) -> tuple[C, list[tuple[Feature, C]]]:
        """Return all columns, and the steps that replaced values, each with those it replaced."""
        added, replaced = list[C](), list[tuple[Feature, C]]()
        for step in self.steps:
            made = step.columns(values)
            if step.replaces:
                replaced.append((step, values))
                values = made[0].beside(*made[1:])
            else:
                added.extend(made)
        length = min(each.length for each in (values, *added))
        first, *others = (each.without(oldest=each.length - length, newest=0) for each in (values, *added))
        return first.beside(*others), replaced


def _undone(columns: Nodes, expected: str, replaced: Sequence[tuple[Feature, Nodes]]) -> str | None:
    """Add what is expected of the readings where ``expected`` is of the columns; None where that cannot be told."""
    network = columns.network
    values = network.op("Gather", expected, network.integers(range(network.channels)), attributes={"axis": 1})
    row = replace(columns, name=network.op("Unsqueeze", values, network.integers([1])), length=1)
    for step, before in reversed(replaced):
        undone = step.undone(row, before)
        if undone is None:
            return None
        row = undone
    return network.op("Squeeze", row.name, network.integers([1]))


def _by_channel(network: Network, shares: str, blocks: int) -> str:
    """Add the sum of the shares of all columns that come from one channel."""
    return network.op("MatMul", shares, network.constant(np.tile(np.eye(network.channels), (blocks, 1))))
