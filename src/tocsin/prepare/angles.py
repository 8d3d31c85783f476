"""Angles: 359° lies beside 1°, which only sine and cosine know; both are taken inside the graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Graph
from tocsin.core.kinds import TURNS, Kind
from tocsin.prepare.scale import Scaling

if TYPE_CHECKING:
    from tocsin.graph.network import Network

_FARTHEST = np.float32(1e6)
"""Turns at which an angle is cut: there float32 knows no parts of a turn any more."""

_SINE = (6.2831853, -41.3417004, 81.6051314, -76.7030155, 42.0259278, -14.8998480, 3.2381377)
_COSINE = (1.0, -19.7392045, 64.9391175, -85.4501399, 60.1676328, -25.9676024, 6.5286586)
"""Coefficients of sin(2πr) / r and cos(2πr) in powers of r², for r within half a turn: Chebyshev fits, exact to 4e-7.

Sin and Cos of a runtime may round a value differently in other company; sums and products do not.
"""


@dataclass(frozen=True)
class Angles:
    """Replaces each angle by its sine and its cosine: the other channels first, then the sines, then the cosines.

    Parameters
    ----------
    turns
        A full turn of each channel in its unit; 0 for a channel that is no angle.

    Examples
    --------
    >>> Angles((0.0, 360.0))(np.array([[5.0, 90.0]], np.float32)).round(3).tolist()
    [[5.0, 1.0, 0.0]]
    """

    turns: tuple[float, ...]

    @classmethod
    def of(cls, kinds: Sequence[Kind]) -> Angles:
        """Return what channels of these kinds need."""
        return cls(tuple(TURNS.get(kind, 0.0) for kind in kinds))

    @property
    def which(self) -> list[int]:
        """Places of the angles among the channels."""
        return [k for k, turn in enumerate(self.turns) if turn]

    def order(self, kinds: Sequence[Kind]) -> tuple[Kind, ...]:
        """Return the kind of each column that comes out."""
        both: list[Kind] = ["real"] * (2 * len(self.which))
        return (*(kinds[k] for k in self._others), *both)

    def __call__(self, series: Float32Array) -> Float32Array:
        """Return ``series`` of shape (rows, channels) with a column more for each angle, as the graph has it."""
        if not self.which:
            return series
        sine, cosine = _on_circle(series[:, self.which] * self._turns_per_unit)
        return np.concatenate([series[:, self._others], sine, cosine], axis=1)

    def even(self, scaling: Scaling) -> Scaling:
        """Return the scaling with one factor for both columns of an angle, that of the one which varies more.

        Else an angle that hardly leaves 90° would be scaled by what little its sine varies.
        """
        count = len(self.which)
        if not count:
            return scaling
        factor = scaling.factor.copy()
        both = np.minimum(factor[-2 * count : -count], factor[-count:])
        factor[-2 * count :] = np.tile(np.minimum(both, _STEEPEST), 2)
        return replace(scaling, factor=factor)

    def fold(self, graph: Graph, *, window: int) -> Graph:
        """Return ``graph`` with the angles taken apart in front, and the shares of their columns added up again.

        What is expected of an angle is told where it lies nearest to the reading: 361° where the reading is 359°.

        Parameters
        ----------
        graph
            Takes windows with the columns that come out.
        window
            Readings in a window.
        """
        if not self.which:
            return graph
        from tocsin.graph.graft import graft
        from tocsin.graph.network import Network

        network = Network(window=window, channels=len(self.turns))
        columns = [_chosen(network, self._others)] if self._others else []
        turned = network.op("Mul", _chosen(network, self.which), network.constant(self._turns_per_unit))
        circle = _on_circle_nodes(network, turned)
        columns += [circle.sine, circle.cosine]
        score, shares, expected = graft(network, graph, network.op("Concat", *columns, attributes={"axis": 2}))
        by_channel = None if shares is None else network.op("MatMul", shares, network.constant(self._owners()))
        raw = None if expected is None else self._put_together(network, expected, circle)
        return replace(network.seal(score, by_channel, expected=raw, curves=graph.curves), why=graph.why)

    def _put_together(self, network: Network, expected: str, circle: _Circle) -> str:
        """Add what is expected of the channels where ``expected`` is of the columns; shape (n, channels)."""
        count, others = len(self.which), len(self._others)
        places = (range(others), range(others, others + count), range(others + count, others + 2 * count))
        rest, sine, cosine = (_columns_of(network, expected, some) for some in places)
        angle = network.op("Div", _nearest(network, sine, cosine, circle), network.constant(self._turns_per_unit))
        both = network.op("Concat", rest, angle, attributes={"axis": 1}) if others else angle
        return _columns_of(network, both, np.argsort([*self._others, *self.which]).tolist())

    @property
    def _others(self) -> list[int]:
        return [k for k, turn in enumerate(self.turns) if not turn]

    @property
    def _turns_per_unit(self) -> Float32Array:
        return np.array([1 / self.turns[k] for k in self.which], np.float32)

    def _owners(self) -> FloatArray:
        """Return which channel each column comes from, shape (columns, channels)."""
        return np.eye(len(self.turns))[[*self._others, *self.which, *self.which]]


def usual(rows: Float32Array, kinds: Sequence[Kind]) -> FloatArray:
    """Return the median of each channel of ``rows`` of shape (n, channels); of an angle, its mean direction.

    >>> usual(np.array([[350.0], [30.0], [10.0]], np.float32), ["degrees"]).round(3).tolist()
    [10.0]
    """
    found: FloatArray = np.median(rows.astype(np.float64), axis=0)
    for k, kind in enumerate(kinds):
        if (turn := TURNS.get(kind)) is not None:
            around = np.exp(2j * np.pi / turn * rows[:, k].astype(np.float64)).mean()
            found[k] = np.angle(around) / (2 * np.pi) * turn % turn
    return found


_STEEPEST = 100.0
"""Greatest factor of a sine or cosine: an angle that hardly moved in training is not taken for exact."""


def _on_circle(turns: Float32Array) -> tuple[Float32Array, Float32Array]:
    near = np.clip(turns, -_FARTHEST, _FARTHEST)
    rest = near - np.floor(near + np.float32(0.5))
    square = rest * rest
    return _polynomial(square, _SINE) * rest, _polynomial(square, _COSINE)


def _polynomial(square: Float32Array, coefficients: Sequence[float]) -> Float32Array:
    found = np.full_like(square, np.float32(coefficients[-1]))
    for coefficient in coefficients[-2::-1]:
        found = found * square + np.float32(coefficient)
    return found


class _Circle(NamedTuple):
    """Names of tensors of shape (n, window, angles)."""

    near: str
    """The angles in turns, cut where float32 knows no parts of one any more."""
    sine: str
    cosine: str


def _on_circle_nodes(network: Network, turns: str) -> _Circle:
    from tocsin.graph.circle import polynomial

    near = network.op("Clip", turns, network.constant(-_FARTHEST), network.constant(_FARTHEST))
    whole = network.op("Floor", network.op("Add", near, network.constant(0.5)))
    rest = network.op("Sub", near, whole)
    square = network.op("Mul", rest, rest)
    sine = network.op("Mul", polynomial(network, square, _SINE), rest)
    return _Circle(near, sine, polynomial(network, square, _COSINE))


def _nearest(network: Network, sine: str, cosine: str, circle: _Circle) -> str:
    """Add the angle (cosine, sine), in turns, where it lies nearest to the window's last; shape (n, angles).

    The reading's own angle is turned back to 0, so that what is left is how far the other lies from it.
    """
    from tocsin.graph.circle import turns

    last = network.integers(network.window - 1)
    near, own_sine, own_cosine = (network.op("Gather", each, last, attributes={"axis": 1}) for each in circle)
    products = [network.op("Mul", *pair) for pair in ((sine, own_cosine), (cosine, own_sine))]
    along = [network.op("Mul", *pair) for pair in ((cosine, own_cosine), (sine, own_sine))]
    apart = turns(network, network.op("Sub", *products), network.op("Add", *along))
    return network.op("Add", near, apart)


def _columns_of(network: Network, row: str, places: Sequence[int]) -> str:
    return network.op("Gather", row, network.integers(places), attributes={"axis": 1})


def _chosen(network: Network, channels: Sequence[int]) -> str:
    return network.op("Gather", network.input, network.integers(channels), attributes={"axis": 2})
