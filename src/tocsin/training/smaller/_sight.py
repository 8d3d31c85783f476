"""How a student sees readings: angles taken apart, everything else scaled, as training does it for any detector."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.core.contracts import Graph
from tocsin.core.kinds import Kind
from tocsin.core.windows import Windows
from tocsin.graph.fold import scaled
from tocsin.prepare.angles import Angles
from tocsin.prepare.scale import Scale, Scaling

_PART_OF_A_TURN = 8
"""An angle is pushed by parts of a turn so large: eight are a whole one."""


@dataclass(frozen=True, eq=False)
class Sight:
    """From raw readings to the columns that a student sees.

    Parameters
    ----------
    angles
        Takes angles apart.
    scaling
        Of the columns that come out.
    """

    angles: Angles
    scaling: Scaling

    @classmethod
    def of(cls, windows: Windows, kinds: Sequence[Kind]) -> Sight:
        """Return what suits normal windows of channels of these kinds."""
        angles = Angles.of(kinds) if kinds else Angles((0.0,) * windows.channels)
        order = angles.order(kinds) if kinds else ()
        return cls(angles, angles.even(Scale("zscore").spread(angles(windows.rows()), order)))

    def __call__(self, raw: Float32Array) -> Float32Array:
        """Return values of shape (…, channels) as columns, shape (…, columns)."""
        columns = self.angles(raw.reshape(-1, raw.shape[-1]))
        return self.scaling(columns).reshape(*raw.shape[:-1], columns.shape[1])

    @property
    def owner(self) -> IntArray:
        """Which channel each column comes from, ndarray of shape (columns,)."""
        which = self.angles.which
        return np.array([k for k in range(len(self.angles.turns)) if k not in which] + which + which, np.int64)

    @property
    def owners(self) -> FloatArray:
        """The same as ndarray of shape (columns, channels), 1 where a column comes from a channel."""
        return np.eye(len(self.angles.turns))[self.owner]

    @property
    def reach(self) -> FloatArray:
        """A scaled unit of each column in raw ones, ndarray of shape (columns,); 0 for what cannot leave its range."""
        turning = np.isin(self.owner, self.angles.which)
        return np.where(turning, 0, 1 / self.scaling.factor)

    @property
    def units(self) -> FloatArray:
        """A deviation of each channel in raw units, ndarray of shape (channels,); of an angle, part of a turn."""
        found = np.array(self.angles.turns) / _PART_OF_A_TURN
        straight = ~np.isin(self.owner, self.angles.which)
        found[self.owner[straight]] = 1 / self.scaling.factor[straight]
        return found

    @property
    def clip(self) -> FloatArray:
        """Where scaled values are cut, ndarray of shape (columns,)."""
        return np.broadcast_to(np.asarray(self.scaling.clip, np.float64), self.owner.shape)

    def fold(self, graph: Graph, *, window: int) -> Graph:
        """Return the graph of columns as one of raw windows."""
        own = scaled(graph, offset=self.scaling.offset, factor=self.scaling.factor, clip=self.scaling.clip)
        return self.angles.fold(own, window=window)
