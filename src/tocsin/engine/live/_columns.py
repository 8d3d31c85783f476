"""From the channels that came to those that an artifact judges, read as its own table was."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.core.arrivals import Arrivals

_Any = TypeVar("_Any", np.float64, np.bool_)

Rows = IntArray | slice
"""Which readings of a block."""


class Columns:
    """An artifact's channels among those of a block.

    Parameters
    ----------
    artifact
        Whose channels; values that its table wrote for "missing" are missing here too.
    """

    def __init__(self, artifact: Artifact) -> None:
        self._names = artifact.schema.names
        place = {name: k for k, name in enumerate(self._names)}
        self._sentinels = [(place[name], value) for name, value in artifact.layout.sentinels if name in place]
        self._found: dict[tuple[str, ...], list[int]] = {}

    def values(self, arrivals: Arrivals, rows: Rows) -> tuple[FloatArray, BoolArray | None]:
        """Return values of shape (n, channels), NaN where a channel did not come, and which the sensor calls bad."""
        values = self._wide(arrivals.values, arrivals.channels, rows, np.nan)
        bad = None if arrivals.bad is None else self._wide(arrivals.bad, arrivals.channels, rows, False)
        for channel, value in self._sentinels:
            missing = values[:, channel] == value
            if missing.any():
                values = values.copy()
                values[missing, channel] = np.nan
        return values, bad

    def foreign(self, arrivals: Arrivals, rows: Rows) -> BoolArray | None:
        """Tell which readings hold nothing but channels that are none of the artifact's; None where all are."""
        own = self._places(arrivals.channels)
        if all(name in self._names for name in arrivals.channels):
            return None
        known = ~np.isnan(arrivals.values[rows])
        others = known.any(axis=1) | (max(own) < 0)
        return np.asarray(others & ~known[:, [k for k in own if k >= 0]].any(axis=1))

    def _places(self, channels: tuple[str, ...]) -> list[int]:
        """Return where each of the artifact's channels stands among ``channels``, -1 where it did not come."""
        if channels not in self._found:
            place = {name: k for k, name in enumerate(channels)}
            self._found = {**dict(list(self._found.items())[-63:]), channels: [place.get(n, -1) for n in self._names]}
        return self._found[channels]

    def _wide(
        self, block: npt.NDArray[_Any], channels: tuple[str, ...], rows: Rows, nothing: float
    ) -> npt.NDArray[_Any]:
        if channels == self._names:
            return block[rows]
        places = self._places(channels)
        wide: npt.NDArray[_Any] = block[rows][:, places]
        wide[:, [k for k, place in enumerate(places) if place < 0]] = nothing
        return wide
