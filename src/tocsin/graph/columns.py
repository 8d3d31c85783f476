"""Arithmetic on the readings of a window, written down as nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tocsin.graph.network import Network


@dataclass(frozen=True, eq=False)
class Nodes:
    """Values of consecutive readings inside a graph, float32 of shape (n, length, channels), oldest first.

    Parameters
    ----------
    network
        The graph under construction.
    name
        Name of the tensor.
    length
        Number of readings.

    Examples
    --------
    >>> network = Network(window=3, channels=2)
    >>> values = Nodes(network, network.input, 3)
    >>> change = values.without(oldest=1, newest=0) - values.without(oldest=0, newest=1)
    >>> change.length
    2
    """

    network: Network
    name: str
    length: int

    def __add__(self, other: Nodes) -> Nodes:
        return self._made("Add", other.name)

    def __sub__(self, other: Nodes) -> Nodes:
        return self._made("Sub", other.name)

    def __mul__(self, other: Nodes | float) -> Nodes:
        return self._made("Mul", other.name if isinstance(other, Nodes) else self.network.constant(other))

    def without(self, *, oldest: int, newest: int) -> Nodes:
        """Return the readings but for so many at either end."""
        if not oldest and not newest:
            return self
        bounds = (self.network.integers([place]) for place in (oldest, self.length - newest, 1))
        return replace(self._made("Slice", *bounds), length=self.length - oldest - newest)

    def root(self) -> Nodes:
        """Return the square roots."""
        return self._made("Sqrt")

    def within(self, limit: float) -> Nodes:
        """Return the values cut at ± ``limit``."""
        return self._made("Clip", self.network.constant(-limit), self.network.constant(limit))

    def _made(self, kind: str, *others: str) -> Nodes:
        return replace(self, name=self.network.op(kind, self.name, *others))


def beside(columns: Sequence[Nodes]) -> Nodes:
    """Return the columns of several, of one length, side by side."""
    names = [each.name for each in columns]
    return replace(columns[0], name=columns[0].network.op("Concat", *names, attributes={"axis": 2}))
