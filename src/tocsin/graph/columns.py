"""Arithmetic on the readings of a window, written down as nodes of a graph."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tocsin.core.arrays import FloatArray
from tocsin.graph.network import Network
from tocsin.graph.weights import banded, whole_sum

_STRETCH = 256
"""Weighted sums that one product makes: the matrix grows with their square, and nearly all of it is 0."""


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

    def __add__(self, other: Nodes | float) -> Nodes:
        return self._made("Add", self._operand(other))

    def __sub__(self, other: Nodes | float) -> Nodes:
        return self._made("Sub", self._operand(other))

    def __mul__(self, other: Nodes | float) -> Nodes:
        return self._made("Mul", self._operand(other))

    def __truediv__(self, other: Nodes) -> Nodes:
        return self._made("Div", other.name)

    def without(self, *, oldest: int, newest: int) -> Nodes:
        """Return the readings but for so many at either end."""
        if not oldest and not newest:
            return self
        bounds = (self.network.integers([place]) for place in (oldest, self.length - newest, 1))
        return replace(self._made("Slice", *bounds), length=self.length - oldest - newest)

    def root(self) -> Nodes:
        """Return the square roots."""
        return self._made("Sqrt")

    def power(self, exponent: float) -> Nodes:
        """Return the values to the power of ``exponent``."""
        return self._made("Pow", self.network.constant(exponent))

    def within(self, limit: float) -> Nodes:
        """Return the values cut at ± ``limit``."""
        return self._made("Clip", self.network.constant(-limit), self.network.constant(limit))

    def at_least(self, least: float) -> Nodes:
        """Return the values, and ``least`` for what is below."""
        return self._made("Max", self.network.constant(least))

    def beside(self, *others: Nodes) -> Nodes:
        """Return the columns of several, of one length, side by side."""
        if not others:
            return self
        names = [each.name for each in (self, *others)]
        return replace(self, name=self.network.op("Concat", *names, attributes={"axis": 2}))

    def weighed(self, weights: FloatArray) -> Nodes:
        """Return the weighted sum of each reading and those just before it, as many as ``weights``, oldest first."""
        newest = self.without(oldest=self.length - 1, newest=0)
        apart = (self - newest)._turned()
        length, total = self.length - len(weights) + 1, whole_sum(weights)
        summed = replace(self, name=self._sums(apart, weights, length), length=length)._turned()
        return replace(summed, length=length) + newest * total if total else summed

    def _sums(self, apart: Nodes, weights: FloatArray, length: int) -> str:
        """Add the weighted sums of readings that lie on the last axis, shape (n, channels, length)."""
        network, reach, pieces = self.network, len(weights) - 1, []
        sizes = {min(_STRETCH, length), length % _STRETCH or _STRETCH}
        matrices = {size: network.constant(banded(weights, size)) for size in sorted(sizes)}
        for start in range(0, length, _STRETCH):
            stop = min(start + _STRETCH, length)
            bounds = (network.integers([place]) for place in (start, stop + reach, 2))
            piece = network.op("Slice", apart.name, *bounds) if length > _STRETCH else apart.name
            pieces.append(network.op("MatMul", piece, matrices[stop - start]))
        return network.op("Concat", *pieces, attributes={"axis": 2}) if len(pieces) > 1 else pieces[0]

    def hops(self, readings: int) -> Nodes:
        """Return hops of so many readings, shape (n, hops, channels, readings)."""
        count = self.length // readings
        whole = self.without(oldest=self.length - count * readings, newest=0)
        stretches = whole._made("Reshape", self.network.integers([0, count, readings, -1]))
        turned = self.network.op("Transpose", stretches.name, attributes={"perm": [0, 1, 3, 2]})
        return replace(self, name=turned, length=count)

    def times(self, matrix: FloatArray) -> Nodes:
        """Return the product of each hop's readings with ``matrix``."""
        return self._made("MatMul", self.network.constant(matrix))

    def rows(self) -> Nodes:
        """Return the results as columns."""
        turned = self.network.op("Transpose", self.name, attributes={"perm": [0, 1, 3, 2]})
        return replace(self, name=self.network.op("Reshape", turned, self.network.integers([0, self.length, -1])))

    def _turned(self) -> Nodes:
        """Return the tensor with readings and channels exchanged."""
        return replace(self, name=self.network.op("Transpose", self.name, attributes={"perm": [0, 2, 1]}))

    def _operand(self, other: Nodes | float) -> str:
        return other.name if isinstance(other, Nodes) else self.network.constant(other)

    def _made(self, kind: str, *others: str) -> Nodes:
        return replace(self, name=self.network.op(kind, self.name, *others))
