"""Numbers that are kept of each device beside what the pipeline remembers: columns that grow as devices come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import IntArray


class Slots:
    """Columns of int64 with a place for each device.

    Parameters
    ----------
    blank
        The columns' names, and what stands in them of a device of which nothing is known.

    Examples
    --------
    >>> slots = Slots({"count": 0})
    >>> slots.settle(np.array([2])); slots["count"][2] += 5
    >>> slots["count"][:3].tolist()
    [0, 0, 5]
    """

    def __init__(self, blank: Mapping[str, int]) -> None:
        self._blank = dict(blank)
        self._columns = {name: np.zeros(0, np.int64) for name in blank}

    def __getitem__(self, name: str) -> IntArray:
        return self._columns[name]

    def settle(self, where: IntArray) -> None:
        """Make room for devices of which nothing is known, at these places."""
        needed = int(where.max(initial=-1)) + 1
        for name, column in self._columns.items():
            if needed > len(column):
                more = np.full(needed + needed // 2 - len(column), self._blank[name])
                self._columns[name] = np.concatenate([column, more])
            self._columns[name][where] = self._blank[name]

    def arrays(self, where: IntArray | slice) -> dict[str, npt.NDArray[Any]]:
        """Return the columns at some places, by name; of a slice nothing is copied."""
        return {name: column[where] for name, column in self._columns.items()}

    def write(self, where: IntArray | slice, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Put in place what :meth:`arrays` returned."""
        for name, column in self._columns.items():
            column[where] = arrays[name]
